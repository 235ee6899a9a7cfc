"""What every kind of client connection has in common. Imports `ports` and below."""
