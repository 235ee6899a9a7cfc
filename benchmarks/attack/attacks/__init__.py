"""The attacks, a module for each kind. They know the attacker and the wire, nothing of the
product."""
