"""From a file that has stopped changing to a photo in the library."""
