"""A message as bytes, for carriers outside of the process."""

from attrs import frozen


@frozen
class EncodedMessage:
    topic: str
    payload: bytes
