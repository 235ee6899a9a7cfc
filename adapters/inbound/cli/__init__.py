"""Commands of the command line, except for those that start or configure the server."""
