"""Provably fair draws: a pure function of a server seed, a client seed and a nonce.

The player knows the SHA-256 of the server seed before a round (the commitment) and chooses the
client seed, so neither side can choose the outcome. After a rotation the server seed is revealed,
and everybody can repeat the draws. `docs/fairness.md` is the recipe for players.
"""

import hmac
import re
import struct
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256
from typing import Annotated

from attrs import field, frozen

from domain.constraints import Description
from domain.errors import InvalidInput
from domain.randomness import Randomness

_CLIENT_SEED = re.compile(r"[A-Za-z0-9._-]{1,64}")
_SERVER_SEED = re.compile(r"[0-9a-f]{64}")
_WORDS = 2**64
_CACHED = 4_096
"""Limit of server seeds in memory: a player who plays needs the same one each time."""

_BLOCK = struct.Struct(">4Q")


@frozen(kw_only=True)
class SeedPair:
    """The seeds of a player's next rounds; `nonce` is the number of rounds played with them.

    Server seeds are derived from salts, see `ServerSeeds`. The salt of the next server seed exists
    already, so that its hash can be shown before the player chooses the next client seed.
    """

    server_salt: str = field(default="", repr=False)
    next_server_salt: str = field(default="", repr=False)
    client_seed: str = ""
    nonce: int = 0

    def after_a_round(self) -> "SeedPair":
        """The pair with the next nonce. Each round needs it; `evolve` is slower."""
        return SeedPair(
            server_salt=self.server_salt,
            next_server_salt=self.next_server_salt,
            client_seed=self.client_seed,
            nonce=self.nonce + 1,
        )


@frozen(kw_only=True)
class Fairness:
    """What verifies a round, together with the server seed once it is revealed."""

    server_seed_hash: Annotated[str, Description("The SHA-256 of the server seed, in hexadecimal.")]
    client_seed: Annotated[str, Description("The part of the player.")]
    nonce: Annotated[int, Description("The number of the round with these seeds, from 0.")]


@frozen(kw_only=True)
class RevealedSeed:
    """A server seed that is no longer used, with the client seed and the number of rounds that were
    played with it."""

    server_seed: str
    client_seed: str
    rounds: int

    @property
    def server_seed_hash(self) -> str:
        """The commitment to the seed."""
        return commitment(self.server_seed)


@lru_cache(maxsize=_CACHED)
def commitment(server_seed: str) -> str:
    """The SHA-256 of a server seed, in hexadecimal digits."""
    return sha256(server_seed.encode()).hexdigest()


def check_client_seed(client_seed: str) -> str:
    """Return the client seed; InvalidInput if it has other characters. A colon would be ambiguous
    in the message of the HMAC."""
    if not _CLIENT_SEED.fullmatch(client_seed):
        raise InvalidInput("client_seed", "must be 1 to 64 letters, digits or any of . _ -")
    return client_seed


def check_server_seed(server_seed: str) -> str:
    """Return the server seed; InvalidInput unless it has the form of ours."""
    if not _SERVER_SEED.fullmatch(server_seed):
        raise InvalidInput("server_seed", "must be 64 hexadecimal digits, in lower case")
    return server_seed


class FairDraws(Randomness):
    """The draws of one round.

    The HMAC-SHA256 of `<client seed>:<nonce>:<cursor>`, keyed with the server seed, is a block of
    four 64-bit words, for the cursors 0, 1, 2 and so on. A draw takes the next word and rejects it
    if it is at or above the largest multiple of the bound: the remainder of an accepted word is
    uniform, without modulo bias.
    """

    def __init__(self, server_seed: str, client_seed: str, nonce: int) -> None:
        self.fairness = Fairness(
            server_seed_hash=commitment(server_seed), client_seed=client_seed, nonce=nonce
        )
        self._key = server_seed.encode()
        self._prefix = f"{client_seed}:{nonce}:"
        self._cursor = 0
        self._words: list[int] = []

    def below(self, bound: int) -> int:
        """A uniform integer in [0, `bound`), for a `bound` of at most 2^64."""
        limit = _WORDS - _WORDS % bound
        while (word := self._next_word()) >= limit:
            pass
        return word % bound

    def _next_word(self) -> int:
        if not self._words:
            message = f"{self._prefix}{self._cursor}".encode()
            self._words = [*_BLOCK.unpack(hmac.digest(self._key, message, "sha256"))][::-1]
            self._cursor += 1
        return self._words.pop()


class UnknownSeedSecret(Exception):
    """A player's seed was made with a secret that is not configured: no round can be played."""


class ServerSeeds:
    """Derives server seeds: HMAC-SHA256 of a random salt and the user id, keyed with a secret.

    The salts are in the database and the secret is not, so a leaked database does not reveal the
    seeds. Without a secret (an empty one) they are as secret as the database. A salt begins with
    the id of its secret: new salts use the first secret, the others still serve older salts.
    """

    def __init__(self, secrets: Sequence[str] = ("",)) -> None:
        self._current = _secret_id(secrets[0])
        self._secrets = {_secret_id(secret): secret.encode() for secret in secrets}
        self._derived = lru_cache(maxsize=_CACHED)(self._derive)

    def salt(self, random: str) -> str:
        """A salt from a text that must have at least 128 random bits."""
        return f"{self._current}.{random}"

    def server_seed(self, user_id: int, salt: str) -> str:
        """The server seed, 64 hexadecimal digits; UnknownSeedSecret if its secret is missing."""
        return self._derived(user_id, salt)

    def _derive(self, user_id: int, salt: str) -> str:
        secret = self._secrets.get(salt.partition(".")[0])
        if secret is None:
            raise UnknownSeedSecret("SYNCHUB_FAIRNESS_PREVIOUS_SECRETS lacks the secret of a seed")
        return hmac.digest(secret, f"{salt}:{user_id}".encode(), "sha256").hex()


def _secret_id(secret: str) -> str:
    return sha256(secret.encode()).hexdigest()[:8]
