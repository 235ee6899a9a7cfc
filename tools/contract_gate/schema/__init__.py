"""Comparison of two JSON Schemas (2020-12), with a counterexample for each difference.

Only the subset of JSON Schema that the generators of this project emit is known. Anything else is
an error, so that nothing passes because it was not understood.
"""
