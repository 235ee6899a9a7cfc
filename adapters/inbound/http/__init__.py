"""The REST API, health and metrics: Litestar handlers, a folder per kind of caller.

The docstrings of handlers are the descriptions in the API docs.
"""
