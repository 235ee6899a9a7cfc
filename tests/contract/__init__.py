"""What ports and the published wire contract promise, checked over real sockets and databases."""
