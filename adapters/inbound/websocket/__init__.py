"""The WebSocket endpoints, and the transport that serves them."""
