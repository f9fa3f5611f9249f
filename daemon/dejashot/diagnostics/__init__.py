"""What is the state of things, and what is wrong with it."""
