"""The page at `/` and the API docs: static files, without requests to other hosts."""
