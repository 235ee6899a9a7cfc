"""What runs inside the servers that are compared. Each is started as a process of its own."""
