"""What the product does: use cases, the realtime hub and its sessions, and the ports they need.

Imports `domain` only. Clock, ids, storage, sockets and encodings are ports.
"""
