"""Our WebSocket transport: one connection per socket, written to once per tick."""
