"""The broadcaster on Redis and Valkey."""
