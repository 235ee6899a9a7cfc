"""Counters in the Prometheus registry of `/metrics`."""
