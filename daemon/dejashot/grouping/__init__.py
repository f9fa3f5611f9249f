"""Pure functions from shots to pairs and groups: no I/O, no clock."""
