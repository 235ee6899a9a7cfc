"""Attacks on a node, and what honest players notice of them: see `__main__`."""
