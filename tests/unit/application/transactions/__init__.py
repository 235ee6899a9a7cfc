"""Tests of `application.transactions`."""
