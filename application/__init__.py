"""What the product does: use cases, the hub with its sessions, and the ports they need.

Imports `domain` only. Clock, identifiers, storage, sockets and encodings are ports. The folders are
layers; each may import those below it:

    jobs          what runs by itself, again and again
    use_cases     what players and operators do
    transactions  one change of one player, with its events
    hub           all connections of this node
    sync          one user's devices           | monitoring: operators' screens
    cluster       what nodes tell each other
    connections   what every connection does   | identity: who is calling
    ports         what the application asks of the world
    frames        what the server says
"""
