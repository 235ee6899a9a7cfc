"""The outside world's technologies.

`inbound` calls the application, `outbound` is called by it through its ports; neither imports the
other. Both may use `wire`, the bytes that the product sends and stores.
"""
