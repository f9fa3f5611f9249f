"""The forms that a report takes: HTML, JSON and text."""
