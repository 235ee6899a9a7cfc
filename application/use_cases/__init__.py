"""Use cases of players and operators. One file each: a frozen command, the business rules in the
docstring of the class, and `execute`. Imports `transactions`, `hub` and below.
"""
