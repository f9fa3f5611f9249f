"""What a file, its name and the files beside it say of a photo: reader processes only."""
