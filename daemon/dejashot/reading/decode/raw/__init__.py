"""RAW files: where each format keeps its previews, its size and its tags. Nothing here develops a RAW."""
