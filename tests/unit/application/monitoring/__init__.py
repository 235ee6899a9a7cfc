"""Tests of `application.monitoring`."""
