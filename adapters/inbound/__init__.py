"""Driving adapters, which call the application: HTTP, WebSockets, pages, the command line."""
