"""Growing delays after failed sign-ins, per account and address.

Three counts, each with its own backoff:

- the pair of account and address: delays whoever guesses one account's password. Failures from
  elsewhere do not count, so nobody can keep the owner out of the account.
- the address, over all accounts that have not signed in from it: delays whoever tries one password
  on many accounts.
- the account, over all addresses that it has not signed in from: never delays by itself. Above its
  limit the account is under attack from many addresses, and each address that is new to it gets one
  attempt, and then long delays.

A success clears the pair only. It does not clear the address: an attacker could sign in to an
account of his own between any two guesses.
"""

import logging
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from hashlib import sha256
from ipaddress import ip_address, ip_network

from attrs import define, field, frozen

from application.ports.sign_in_failures import Backoff, SignInFailures
from application.ports.telemetry import Counted, Telemetry
from domain.errors import Conflict, DomainError, InvalidInput, TooManyRequests, Unauthenticated

logger = logging.getLogger("synchub.sign_in")

REMEMBER_S = 30 * 86_400
"""For how long an address stays known to an account after it has signed in from there."""

_COUNT_ONLY = Backoff(free=2**31, first_s=0.0, limit_s=0.0, forget_s=86_400)


@frozen(kw_only=True)
class ThrottleLimits:
    """The backoffs. `strange` replaces `pair` for new addresses while an account is under attack,
    which it is after `account` failures."""

    pair: Backoff
    address: Backoff
    strange: Backoff
    account: int


@frozen
class SignInThrottle:
    """Guards every check of a password. The same for accounts that exist and for others."""

    _failures: SignInFailures
    _telemetry: Telemetry
    _limits: ThrottleLimits

    @asynccontextmanager
    async def attempt(self, site_id: str, address: str) -> AsyncIterator[None]:
        """An attempt to sign in: it fails if the block raises Unauthenticated or InvalidInput,
        succeeds if it raises nothing, and does not count otherwise. TooManyRequests
        (`sign_in_delayed`) while a delay is running."""
        account, network = _digest(site_id.casefold()), network_of(address)
        pair, backoff = f"pair:{account}:{network}", self._limits.pair
        async with self._counting(Unauthenticated, InvalidInput) as counting:
            if not await self._failures.remembers(account, network):
                failures = await counting.begin("account", f"account:{account}", _COUNT_ONLY)
                if failures > self._limits.account:
                    backoff = self._limits.strange
                await counting.begin("address", f"address:{network}", self._limits.address)
            await counting.begin("account_and_address", pair, backoff)
            yield
        await self._failures.clear(pair)
        await self._failures.remember(account, network, REMEMBER_S)

    @asynccontextmanager
    async def sign_up(self, address: str) -> AsyncIterator[None]:
        """An attempt to open an account: it fails if the block raises Conflict, since who tries
        many names finds out which ones are taken."""
        async with self._counting(Conflict) as counting:
            await counting.begin("address", f"address:{network_of(address)}", self._limits.address)
            yield

    @asynccontextmanager
    async def _counting(self, *failures: type[DomainError]) -> AsyncIterator["_Counting"]:
        counting = _Counting(self._failures, self._telemetry)
        try:
            yield counting
        except failures:
            raise
        except BaseException:
            await counting.undo()
            raise
        await counting.undo()


@define
class _Counting:
    """One attempt, counted under several keys."""

    failures: SignInFailures
    telemetry: Telemetry
    keys: list[str] = field(factory=list)

    async def begin(self, reason: str, key: str, backoff: Backoff) -> int:
        """Count it; return the number of failures."""
        admission = await self.failures.begin(key, backoff)
        if admission.wait_s > 0:
            self.telemetry.count(Counted.REFUSED_SIGN_INS, f"delayed_by_{reason}")
            logger.debug("sign-in delayed", extra={"by": reason, "seconds": admission.wait_s})
            raise TooManyRequests(
                "too many failed attempts: wait",
                code="sign_in_delayed",
                retry_after_s=admission.wait_s,
            )
        self.keys.append(key)
        return admission.failures

    async def undo(self) -> None:
        for key in self.keys:
            await self.failures.undo(key)


def _digest(name: str) -> str:
    """A short key for a name of any length."""
    return sha256(name.encode()).hexdigest()[:32]


def network_of(address: str) -> str:
    """The address, or of IPv6 the network that one customer usually gets."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return address
    if parsed.version == 4:
        return str(parsed)
    if parsed.ipv4_mapped:
        return str(parsed.ipv4_mapped)
    return str(ip_network((parsed, 64), strict=False).network_address)
