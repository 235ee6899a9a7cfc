"""The three WebSocket endpoints, and the sinks through which frames leave."""
