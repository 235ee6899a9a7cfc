"""A note on fields whose value is encoded already."""

from attrs import frozen


@frozen
class EncodedAs:
    """The value is the JSON of an instance of this class (see `Codec.embed`). `closed`: it has no
    further fields."""

    cls: type
    closed: bool = True
