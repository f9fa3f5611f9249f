"""Digests on schedule: made, kept as files, delivered, announced."""
