"""From the library to a report, and the forms that a report takes."""
