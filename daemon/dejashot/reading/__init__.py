"""What is in a photo: everything here but the pool runs in the worker process only."""
