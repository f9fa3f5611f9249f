"""The values that every room shares: what a photo, a file, a shot, a group and a decision are. No I/O."""
