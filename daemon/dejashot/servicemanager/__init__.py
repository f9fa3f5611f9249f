"""The daemon as a service of one's own account: systemd and launchd."""
