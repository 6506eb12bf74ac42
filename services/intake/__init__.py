"""Intake: raw bytes to readings, readings to one chart."""
