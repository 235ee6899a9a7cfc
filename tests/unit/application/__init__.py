"""Use cases, hub and sessions, driven step by step."""
