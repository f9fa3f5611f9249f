"""Moving, writing and replacing files so that none is ever lost, wherever it stops."""
