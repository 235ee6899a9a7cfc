"""What the server says besides events: control frames, close codes, positions, the legacy form.

Plain values. Imports `domain` only.
"""
