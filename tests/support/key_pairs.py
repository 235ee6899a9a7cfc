"""Key pairs for access tokens, as PEM files and as a key set that is served over HTTP."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import jwt
from attrs import define, field, frozen
from cryptography.hazmat.primitives.asymmetric import ec, ed25519, rsa
from cryptography.hazmat.primitives.serialization import (
    BestAvailableEncryption,
    Encoding,
    NoEncryption,
    PrivateFormat,
    PublicFormat,
)

from adapters.outbound.security.jwt_keys import JwtKey, pem_key

ISSUER, AUDIENCE = "https://issuer.example", "synchub"

ALGORITHMS: dict[str, Callable[[], Any]] = {
    "EdDSA": ed25519.Ed25519PrivateKey.generate,
    "ES256": lambda: ec.generate_private_key(ec.SECP256R1()),
    "RS256": lambda: rsa.generate_private_key(65537, 2048),
}


@frozen
class KeyPair:
    """A private key, which may be of any kind."""

    private: Any
    algorithm: str = "EdDSA"

    def private_file(self, folder: Path, name: str = "private.pem", password: bytes = b"") -> str:
        encryption = BestAvailableEncryption(password) if password else NoEncryption()
        content = self.private.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, encryption)
        return _written(folder / name, content)

    def public_file(self, folder: Path, name: str = "public.pem") -> str:
        return _written(folder / name, self.public_pem())

    def public_pem(self) -> bytes:
        public = self.private.public_key()
        pem: bytes = public.public_bytes(Encoding.PEM, PublicFormat.SubjectPublicKeyInfo)
        return pem

    def key(self, folder: Path) -> JwtKey:
        return pem_key(self.private_file(folder))

    def jwk(self, kid: str, **members: Any) -> dict[str, Any]:
        """The public key as an issuer publishes it; None leaves a member out."""
        algorithm: Any = jwt.get_algorithm_by_name(self.algorithm)
        jwk = json.loads(algorithm.to_jwk(self.private.public_key()))
        jwk = {**jwk, "kid": kid, "alg": self.algorithm, "use": "sig", **members}
        return {name: value for name, value in jwk.items() if value is not None}

    def token(self, kid: str = "one", **claims: object) -> str:
        """A token of the external issuer."""
        now = datetime.now(UTC)
        said = {
            "iss": ISSUER,
            "aud": AUDIENCE,
            "sub": "7",
            "iat": now,
            "exp": now + timedelta(minutes=5),
            **claims,
        }
        said = {name: value for name, value in said.items() if value is not None}
        return jwt.encode(said, self.private, self.algorithm, headers={"kid": kid})


def new_key_pair(algorithm: str = "EdDSA") -> KeyPair:
    return KeyPair(ALGORITHMS[algorithm](), algorithm)


def _written(path: Path, content: bytes) -> str:
    path.write_bytes(content)
    return str(path)


@define(eq=False)
class KeySetServer:
    """Serves a key set; the test decides what it answers. `requests` counts."""

    url: str = ""
    keys: list[Mapping[str, Any]] = field(factory=list)
    body: bytes | None = None
    status: int = 200
    requests: int = 0
    answering: asyncio.Event = field(factory=asyncio.Event)

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        self.requests += 1
        await self.answering.wait()
        body = json.dumps({"keys": self.keys}).encode() if self.body is None else self.body
        head = f"HTTP/1.1 {self.status} X\r\nContent-Length: {len(body)}\r\n"
        head += "Location: /elsewhere\r\nConnection: close\r\n\r\n"
        writer.write(head.encode() + body)
        writer.close()


@asynccontextmanager
async def key_set_server(*keys: Mapping[str, Any]) -> AsyncIterator[KeySetServer]:
    server = KeySetServer(keys=[*keys])
    server.answering.set()
    async with await asyncio.start_server(server._answer, "127.0.0.1", 0) as listening:
        port = listening.sockets[0].getsockname()[1]
        server.url = f"http://127.0.0.1:{port}/jwks.json"
        yield server
        server.answering.set()
