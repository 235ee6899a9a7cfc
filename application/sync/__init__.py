"""One user's devices: sessions, recovery and live groups, without I/O. Imports `cluster` and
below."""
