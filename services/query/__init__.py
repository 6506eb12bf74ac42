"""Query: a compliant question to the provider, and the answer that becomes part of the chart."""
