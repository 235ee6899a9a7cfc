"""Transactions on PostgreSQL."""
