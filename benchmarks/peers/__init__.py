"""The servers that are compared: a file each, with the settings it runs on and why."""
