"""The nouns of the house: the chart, its places, failures, findings, rows and ports."""
