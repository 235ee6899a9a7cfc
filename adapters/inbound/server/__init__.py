"""The server's TCP connections, before it is known what they are used for. Imports nothing of
ours."""
