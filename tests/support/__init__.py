"""Nodes, clients and fakes that the tests share."""
