"""The SignInFailures port: counts of failed sign-ins, for delays that grow."""

from abc import ABC, abstractmethod

from attrs import frozen


@frozen(kw_only=True)
class Backoff:
    """Delays that double: none for `free` failures, then `first_s`, at most `limit_s`. All is
    forgotten `forget_s` after the last attempt."""

    free: int
    first_s: float
    limit_s: float
    forget_s: float

    def delay_s(self, failures: int) -> float:
        """The delay of the next attempt after so many failures."""
        if failures < self.free:
            return 0.0
        return min(self.limit_s, self.first_s * 2.0 ** min(failures - self.free, 64))


@frozen
class Admission:
    """The result of `begin`: the time to wait, 0 if the attempt was counted, and the count."""

    wait_s: float
    failures: int


class SignInFailures(ABC):
    """Failures by key. Shared by all nodes that use one storage; kept for as long as the backoff
    says, and lost if the storage loses it. Never raises and never waits long: while the storage is
    away, each node counts for itself."""

    @abstractmethod
    async def begin(self, key: str, backoff: Backoff) -> Admission:
        """Count an attempt as failed before its outcome is known, so that simultaneous attempts
        count like successive ones. It is not counted while a delay is running."""

    @abstractmethod
    async def undo(self, key: str) -> None:
        """Take one attempt back, because it did not fail. A delay that is running goes on."""

    @abstractmethod
    async def clear(self, key: str) -> None:
        """Forget the failures and the delay."""

    @abstractmethod
    async def remember(self, account: str, address: str, keep_s: float) -> None:
        """Remember that the account signed in from this address. The last few addresses of an
        account are kept."""

    @abstractmethod
    async def remembers(self, account: str, address: str) -> bool:
        """Whether the account has signed in from this address lately."""

    @abstractmethod
    async def close(self) -> None:
        """Give connections back; called when the node stops."""
