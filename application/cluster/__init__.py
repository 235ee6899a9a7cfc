"""What nodes tell each other: committed events, membership, presence. Imports `connections` and
below."""
