"""The bundled synthetic charts and the load generator: invented people, real formats."""
