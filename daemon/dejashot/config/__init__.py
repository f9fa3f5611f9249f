"""What the owner configures: one file, every key with a default."""
