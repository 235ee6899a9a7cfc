"""The broadcaster on Redis or Valkey pub/sub."""
