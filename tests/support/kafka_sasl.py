"""The server's side of SASL in Kafka's protocol: a gate in front of a broker that requires none.

Written after KIP-152 and RFC 5802. It admits a connection when it has signed in; before that
it only tells which versions the broker speaks.
"""

import base64
import hashlib
import hmac
import os
import struct
from asyncio import StreamReader, StreamWriter

from attrs import define

API_VERSIONS, SASL_HANDSHAKE, SASL_AUTHENTICATE = 18, 17, 36
UNSUPPORTED_MECHANISM, AUTHENTICATION_FAILED = 33, 58
MECHANISMS = ("PLAIN", "SCRAM-SHA-256", "SCRAM-SHA-512")
ITERATIONS = 4096


class _Refused(Exception):
    """Wrong name, password or mechanism."""


@define(eq=False)
class SaslGate:
    """Admits one user, whose password may be changed."""

    user: str
    password: str

    async def __call__(
        self,
        reader: StreamReader,
        writer: StreamWriter,
        server_reader: StreamReader,
        server_writer: StreamWriter,
    ) -> bool:
        """Whether the client has signed in."""
        mechanism, steps = "", 0
        scram: _Scram | None = None
        while True:
            frame = await _frame(reader)
            key, version, number, client_id = struct.unpack(">hhih", frame[:10])
            body = frame[10 + max(client_id, 0) :]
            if key == API_VERSIONS:
                server_writer.write(struct.pack(">i", len(frame)) + frame)
                answer = await _frame(server_reader)
            elif key == SASL_HANDSHAKE:
                mechanism = body[2:].decode()
                known = mechanism in MECHANISMS
                if mechanism.startswith("SCRAM"):
                    scram = _Scram(mechanism.removeprefix("SCRAM-").replace("-", ""), self)
                names = b"".join(struct.pack(">h", len(n)) + n.encode() for n in MECHANISMS)
                code = 0 if known else UNSUPPORTED_MECHANISM
                answer = struct.pack(">ihi", number, code, len(MECHANISMS)) + names
            elif key == SASL_AUTHENTICATE and mechanism:
                steps += 1
                try:
                    out, done = self._step(body[4:], scram)
                except _Refused:
                    _send(writer, _authenticated(number, version, AUTHENTICATION_FAILED, b""))
                    await writer.drain()
                    return False
                answer = _authenticated(number, version, 0, out)
                if done:
                    _send(writer, answer)
                    return True
            else:
                return False
            _send(writer, answer)

    def _step(self, data: bytes, scram: "_Scram | None") -> tuple[bytes, bool]:
        if scram is not None:
            return scram.step(data)
        if data.split(b"\0")[1:] != [self.user.encode(), self.password.encode()]:
            raise _Refused
        return b"", True


class _Scram:
    def __init__(self, algorithm: str, gate: SaslGate) -> None:
        self._hash = algorithm.replace("SHA", "sha")
        self._gate = gate
        self._log: list[str] = []
        self._salt = os.urandom(16)

    def step(self, data: bytes) -> tuple[bytes, bool]:
        text = data.decode()
        if not self._log:
            bare = text.removeprefix("n,,")
            name, nonce = (part[2:] for part in bare.split(",")[:2])
            if name != self._gate.user:
                raise _Refused
            salt = base64.b64encode(self._salt).decode()
            first = f"r={nonce}{os.urandom(9).hex()},s={salt},i={ITERATIONS}"
            self._log = [bare, first]
            return first.encode(), False
        without_proof, _, proof = text.rpartition(",p=")
        auth = ",".join([*self._log, without_proof]).encode()
        salted = hashlib.pbkdf2_hmac(
            self._hash, self._gate.password.encode(), self._salt, ITERATIONS
        )
        client_key = hmac.digest(salted, b"Client Key", self._hash)
        stored = hashlib.new(self._hash, client_key).digest()
        signature = hmac.digest(stored, auth, self._hash)
        expected = bytes(a ^ b for a, b in zip(client_key, signature, strict=True))
        if base64.b64decode(proof) != expected:
            raise _Refused
        server_key = hmac.digest(salted, b"Server Key", self._hash)
        verifier = base64.b64encode(hmac.digest(server_key, auth, self._hash))
        return b"v=" + verifier, True


def _authenticated(number: int, version: int, code: int, out: bytes) -> bytes:
    why = b"Authentication failed" if code else b""
    lifetime = struct.pack(">q", 0) if version else b""
    head = struct.pack(">ihh", number, code, len(why)) + why
    return head + struct.pack(">i", len(out)) + out + lifetime


async def _frame(reader: StreamReader) -> bytes:
    (length,) = struct.unpack(">i", await reader.readexactly(4))
    if not 0 < length < 2**20:
        raise EOFError("not Kafka's protocol")
    return await reader.readexactly(length)


def _send(writer: StreamWriter, frame: bytes) -> None:
    writer.write(struct.pack(">i", len(frame)) + frame)
