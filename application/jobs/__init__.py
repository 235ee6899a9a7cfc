"""Periodic background jobs, run by every node. Imports `use_cases`, `hub` and below."""
