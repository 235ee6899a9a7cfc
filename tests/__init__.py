"""`unit` mirrors the packages; `contract` runs one suite a port over all its adapters, and the
published contract; `system` runs real processes. `support` is what they share.
"""
