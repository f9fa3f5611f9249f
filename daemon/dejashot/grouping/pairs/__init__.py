"""The decision whether two shots are the same: its rules, its evidence, and which pairs are worth a closer look."""
