"""The page on which the owner chooses, and what is done with the choice."""
