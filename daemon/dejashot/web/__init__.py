"""The review page: a local server on which the owner chooses what to keep."""
