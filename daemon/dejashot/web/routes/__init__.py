"""What the pages reply, by address: a router for each kind of page."""
