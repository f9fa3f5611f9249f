"""The daemon: starts everything in order, watches over it, and ends it cleanly."""
