"""What runs by itself, again and again, on every node. Imports `use_cases`, `hub` and below."""
