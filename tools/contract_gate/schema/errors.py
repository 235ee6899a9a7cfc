"""What stops a comparison; none of these means that the documents are compatible."""


class GateError(Exception):
    """The gate cannot say whether a change is compatible."""


class Unsupported(GateError):
    """A schema uses something that the gate does not know."""


class Undecidable(GateError):
    """No proof that the change is compatible, and no example that breaks."""
