"""Everything the Procfile starts. Thin: the knowledge is in `services/`."""
