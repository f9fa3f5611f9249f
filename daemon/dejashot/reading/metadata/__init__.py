"""Metadata in a photo, its file name and its sidecars: reader processes only."""
