"""The REST calls, health and metrics: Litestar handlers, one file per resource."""
