"""The published JSON Schemas (2020-12), made from the attrs classes of events, frames, messages."""
