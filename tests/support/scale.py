"""How large the fault tests are: small in `make test`, large in `make chaos`."""

import os


def scale(name: str, default: int) -> int:
    """The number in `CHAOS_<name>`, if it is set."""
    return int(os.environ.get(f"CHAOS_{name}", default))


SEED = scale("SEED", 1)
LONG = 900
"""Seconds after which a fault test is given up, however large."""
