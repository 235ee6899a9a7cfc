"""Tests of `application.jobs`."""
