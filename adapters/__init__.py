"""Adapters: everything that depends on a technology.

`inbound` (driving) adapters call the application; `outbound` (driven) adapters implement its ports.
Neither imports the other. Both may use `wire`, the formats that the product sends and stores.
"""
