"""What names and first bytes say of files, and how files are opened: nothing here knows of a library."""
