"""What operators count, in Prometheus' format."""
