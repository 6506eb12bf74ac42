"""Where claims go and answers come from."""
