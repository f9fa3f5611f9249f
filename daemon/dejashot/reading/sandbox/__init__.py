"""The sandbox of a reader: what the kernel lets it do."""
