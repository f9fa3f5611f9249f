"""From the library to a report."""
