"""Scenes that are drawn for the demo, as a camera would see them."""
