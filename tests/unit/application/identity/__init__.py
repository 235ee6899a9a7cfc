"""Tests of `application.identity`."""
