"""A file lands and stops changing: watching, names, settling and reconciling."""
