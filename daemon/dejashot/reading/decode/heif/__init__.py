"""What is particular to HEIF, AVIF too: transforms, and thumbnails."""
