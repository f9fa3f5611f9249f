"""What the pages show, worked out before any of it is rendered."""
