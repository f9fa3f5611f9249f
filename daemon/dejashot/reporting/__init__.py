"""Telling the owner: the report and its forms."""
