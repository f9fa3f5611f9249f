"""What a reader gives up before it sees a byte of a photo."""
