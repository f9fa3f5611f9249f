"""Commands about the daemon: run it, ask how it does, and how it tells of digests."""
