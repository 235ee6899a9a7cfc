"""The rules of the game platform: pure values and functions.

Imports nothing but the standard library and attrs. No I/O, no clock, no ambient randomness.
"""
