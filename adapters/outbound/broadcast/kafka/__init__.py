"""The broadcaster on Kafka."""
