"""Tests of `application.connections`."""
