"""Measure the decision on labelled photos, and fit it to them."""
