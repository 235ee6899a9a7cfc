"""How committed events reach devices: the hub, its sessions, and what they exchange.

`Session` and `MonitorSession` are sans-I/O: events, pages and the clock go in; frames (into a
`FrameSink`) and read requests come out.
"""
