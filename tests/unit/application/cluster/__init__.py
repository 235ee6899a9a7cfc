"""Tests of `application.cluster`."""
