"""FHIR R4 readers: a bundle to what it says about each encounter in it."""
