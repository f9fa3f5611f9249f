"""Setting up: where photos are likely to lie, and the configuration that the owner's answers make."""
