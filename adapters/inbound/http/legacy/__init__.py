"""What deployed clients send and read besides our own names, as a plugin that a setting switches
off: their calls (`calls`), their names in bodies (`bodies`) and in answers (`answers`).

Our handlers and use cases do not know of it. To remove it: this folder, and its plugin in
`bootstrap.server.app`.
"""
