"""What calls the application: HTTP, WebSockets, the web page, the command line."""
