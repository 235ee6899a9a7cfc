"""Tests of `application.sync`."""
