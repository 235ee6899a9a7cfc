"""Realtime over HTTP: tickets, state, polling, Server-Sent Events."""
