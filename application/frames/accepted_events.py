"""Which events a client accepts, in which versions: `accept=purchase_update.2,profile_update.1`.

A client that lists types gets those alone; `*` stands for all others, in the version that a client
gets that asks for nothing: the oldest that is served. Where several versions of a type are listed,
the newest of them that is served counts. Types that this server does not know are ignored: the
client is newer.
"""

import re
from collections.abc import Mapping
from typing import Self

from attrs import field, frozen

from domain.errors import InvalidInput
from domain.events import EVENT_VERSIONS, Event, find_version

FIELD = "accept"
ALL_OTHERS = "*"
MAX_LENGTH = 2_000
_LISTED = re.compile(r"([a-z_]{1,64})\.([1-9][0-9]{0,3})")
_PART = rf"(\*|{_LISTED.pattern})"
PATTERN = f"^{_PART}(,{_PART})*$"
"""What a list looks like, for API documentation."""

_OLDEST = {name: versions[0].version for name, versions in EVENT_VERSIONS.items()}


@frozen
class AcceptedEvents:
    """`versions` by type; with `others`, types that are not among them are sent, too, as they are
    (those that a newer node has written)."""

    versions: Mapping[str, int] = field(eq=lambda versions: frozenset(versions.items()))
    others: bool

    @classmethod
    def parse(cls, text: str) -> Self:
        """Parse a list. InvalidInput if it is malformed, if it is empty, or if no version of a
        listed type is served."""
        if len(text) > MAX_LENGTH:
            raise InvalidInput(FIELD, f"must have at most {MAX_LENGTH} characters")
        listed: dict[str, set[int]] = {}
        others = False
        for part in text.split(","):
            if part == ALL_OTHERS:
                others = True
            elif match := _LISTED.fullmatch(part):
                listed.setdefault(match[1], set()).add(int(match[2]))
            else:
                raise InvalidInput(
                    FIELD, f"must be a list like purchase_update.2,*: not {part[:64]!r}"
                )
        chosen = {
            name: _newest_served(name, versions)
            for name, versions in listed.items()
            if name in EVENT_VERSIONS
        }
        return cls({**_OLDEST, **chosen} if others else chosen, others)

    def ending(self) -> list[type[Event]]:
        """The versions among them whose end is set."""
        served = (find_version(name, version) for name, version in self.versions.items())
        return [cls for cls in served if cls is not None and cls.ends is not None]


def _newest_served(name: str, versions: set[int]) -> int:
    served = [cls.version for cls in EVENT_VERSIONS[name]]
    common = versions.intersection(served)
    if not common:
        raise InvalidInput(FIELD, f"{name} is served in version {', '.join(map(str, served))}")
    return max(common)


BY_DEFAULT = AcceptedEvents(_OLDEST, others=True)
"""What a client gets that asks for nothing."""
