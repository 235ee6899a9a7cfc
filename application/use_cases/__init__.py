"""One file a use case: a frozen command, the business rules in the docstring, `execute`."""
