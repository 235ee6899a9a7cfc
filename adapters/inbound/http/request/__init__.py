"""What handlers share about a request: its body, its context, whether its client is there."""
