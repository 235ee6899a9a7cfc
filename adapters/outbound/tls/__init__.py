"""TLS of the connections to databases and brokers. It imports nothing of ours."""
