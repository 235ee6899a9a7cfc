"""What players and operators do: one file per use case, with a frozen command, the business rules
in the docstring, and `execute`. Imports `transactions`, `hub` and below.
"""
