"""The outside world's technologies, one a file or folder.

`inbound` calls the application, `outbound` is called by it through its ports; neither imports the
other. `wire` is the one thing both sides share: the bytes.
"""
