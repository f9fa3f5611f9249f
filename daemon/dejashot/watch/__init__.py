"""Watching folders and walking through them: which files are there, and which have changed."""
