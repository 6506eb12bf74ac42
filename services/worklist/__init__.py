"""The people's side: what a person may do with a chart that stopped."""
