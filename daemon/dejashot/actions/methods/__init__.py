"""What is done with a file: one method each, and how it is undone."""
