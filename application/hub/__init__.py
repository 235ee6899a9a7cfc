"""All connections of one node, and what drives them. Imports `sync`, `monitoring` and below."""
