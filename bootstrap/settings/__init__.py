"""All settings: what they take, where they come from, and what is refused. Imports adapters only to
check values."""
