"""Dates as text: in tags, in file names, in many languages. Pure."""
