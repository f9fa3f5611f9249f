"""Texts in the owner's language: message catalogs, and dates, numbers and sizes as they are written there."""
