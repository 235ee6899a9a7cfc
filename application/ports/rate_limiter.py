"""The RateLimiter port: counts what users and addresses do, and says when it is too much."""

from abc import ABC, abstractmethod

from attrs import frozen

from domain.errors import TooManyRequests


@frozen(kw_only=True)
class RateLimit:
    """At most `amount` in any `window_s` seconds. `name` is for metrics, headers and storages;
    `code` is the error's."""

    name: str
    amount: int
    window_s: int
    code: str


class RateLimiter(ABC):
    """Counts in sliding windows, by limit and key.

    - `spend` decides at once, by what this node knows: it never waits and never raises.
    - What is used stays used until the window has passed it; what was refused is not counted.
    - An adapter may share counts over nodes. Then a key that has used a part of its limit on one
      node is known to the others soon after, and every node refuses it. Without its storage, each
      node counts by itself.
    - Memory is bounded: with too many keys, those that were seen first in a window are forgotten.

    Each refusal is counted (`Counted.LIMITED`) by the name of its limit.
    """

    @abstractmethod
    def spend(self, limit: RateLimit, key: str, amount: int = 1) -> float:
        """Count `amount`, and return 0; or count nothing, because that would be too much, and
        return the seconds after which it would not be."""

    def require(self, limit: RateLimit, key: str) -> None:
        """Count one; TooManyRequests if that is too much."""
        wait_s = self.spend(limit, key)
        if wait_s:
            raise TooManyRequests(
                f"at most {limit.amount} in {limit.window_s} s",
                code=limit.code,
                retry_after_s=wait_s,
                quota=(limit.name, limit.amount, limit.window_s),
            )

    @abstractmethod
    async def share(self) -> None:
        """Exchange counts with the other nodes; called about once a second. Never raises."""

    @abstractmethod
    async def close(self) -> None:
        """Release what the storage holds."""
