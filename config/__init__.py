"""Settings, logging, wiring and the rules that are data."""
