"""What machines call: health, metrics, the public keys of access tokens."""
