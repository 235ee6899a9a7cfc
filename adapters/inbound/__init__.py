"""What calls the application: HTTP, WebSockets, pages, the command line."""
