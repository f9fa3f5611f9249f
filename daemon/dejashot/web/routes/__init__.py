"""What the pages answer, by address."""
