"""Groups are kept: worked out once for each part of the timeline, mended where something changed, read by all."""
