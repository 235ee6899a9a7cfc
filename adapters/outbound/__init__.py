"""Driven adapters: implementations of the ports. Technologies do not import each other."""
