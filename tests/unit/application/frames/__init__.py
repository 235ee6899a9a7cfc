"""Tests of `application.frames`."""
