"""The database as the application sees it: a unit of work, and one store per subject.

All methods of stores are plain calls: an adapter runs them where blocking is allowed.
"""
