"""The realtime core, one small example at a time."""
