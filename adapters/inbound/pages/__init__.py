"""The page at `/` and the API docs: plain files, nothing from outside."""
