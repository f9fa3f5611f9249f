"""What is seen in the pixels: the embedding model, faces and quality. Reader processes only, but for the model's description."""
