"""Tests of `application.hub`."""
