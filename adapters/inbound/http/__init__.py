"""The REST API, health and metrics: Litestar handlers, one file per resource. The docstrings of
handlers are the descriptions in the API docs."""
