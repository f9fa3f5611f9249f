"""Commands about the installation: its configuration, what is wrong with it, and how accurate it is."""
