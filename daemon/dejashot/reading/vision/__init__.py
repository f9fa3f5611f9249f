"""The pixels of a photo: embedding model, faces, quality. Reader processes only, but for the model's description."""
