"""The stores on a SQL database: SQLite in WAL mode, or PostgreSQL.

All stores are plain SQLAlchemy Core over one connection. What differs between the databases is
how a transaction runs, and lives in `sqlite_unit_of_work` and `postgres_unit_of_work`.
"""
