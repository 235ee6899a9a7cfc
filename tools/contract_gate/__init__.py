"""The compatibility gate: compares the documents under `schemas/` with those of the last release.

A change that would break a deployed client is refused with an example that breaks; see
docs/compatibility.md.
"""
