"""What Dejashot knows: SQLite is the truth, FAISS is a cache of it."""
