"""Which shots of a group to keep, and why."""
