"""The owner's decisions put into practice: planned, journalled, verified, undone."""
