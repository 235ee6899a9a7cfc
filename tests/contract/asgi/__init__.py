"""Tests that run twice: on our transport, and as on any other ASGI server."""
