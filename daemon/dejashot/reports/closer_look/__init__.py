"""Closer looks at photos: which pairs are the same shot, how good the members of groups are, what is a copy of what."""
