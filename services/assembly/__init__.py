"""Assembly: from a coded chart to a complete claim, or to every reason why there is none."""
