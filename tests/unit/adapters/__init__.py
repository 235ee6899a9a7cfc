"""The adapters that need no other server."""
