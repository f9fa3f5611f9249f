"""The jobs of the event loop: each knows when it is due next, and does its work when it is."""
