"""Dates in a photo's metadata and in its file name, in many languages. Nothing here raises."""
