"""The REST calls, health and metrics: one file a resource, Litestar handlers only."""
