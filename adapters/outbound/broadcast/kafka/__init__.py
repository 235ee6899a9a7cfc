"""The broadcaster on one Kafka topic."""
