"""What the pool and its reader processes send each other: messages, their order, their limits."""
