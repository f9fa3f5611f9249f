"""Pure functions from shots to pairs, groups and keepers: no I/O, no clock."""
