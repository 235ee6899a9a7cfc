"""The storage ports on SQL: SQLite in WAL mode, or PostgreSQL.

The stores are SQLAlchemy Core statements over one connection and are shared by both databases. Only
transactions differ: see `sqlite_unit_of_work` and `postgres_unit_of_work`.
"""
