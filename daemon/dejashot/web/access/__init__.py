"""Who gets in: links, sessions, connections, certificates."""
