"""The server's TCP connections: whose they are, and what they may cost before an application sees
them. Imports nothing of ours but ports."""
