"""Messages with arbitrary bytes, for tests of brokers."""

from adapters.outbound.broadcast.encoded_message import EncodedMessage
from application.ports.message_format import MessageFormat
from domain.broadcaster import Message


class RawMessageFormat(MessageFormat):
    """An EncodedMessage is packed already."""

    def pack(self, message: Message) -> bytes:
        assert isinstance(message, EncodedMessage)
        return message.payload

    def unpack(self, topic: str, payload: bytes) -> EncodedMessage:
        return EncodedMessage(topic, payload)
