"""Mapping of errors to HTTP statuses, codes, close codes and problem documents."""
