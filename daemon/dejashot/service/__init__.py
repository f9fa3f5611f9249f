"""Putting the rooms together and running them for months."""
