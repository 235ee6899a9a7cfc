"""Tells all nodes that logins ended or accounts changed."""

from collections.abc import Iterable

from attrs import frozen

from application.cluster.messages import AccountChanged, LoginRevoked
from application.hub.hub import Hub
from domain.broadcaster import Broadcaster

News = LoginRevoked | AccountChanged


@frozen
class AuthorityNews:
    """One node believes itself, so its next request is refused. Other nodes get a hint by the
    broker, and read the database (`application.hub.authority_hints`)."""

    _hub: Hub
    _broadcaster: Broadcaster

    def spread(self, news: Iterable[News]) -> None:
        """Call it after the commit."""
        for one in news:
            self._hub.apply(one)
            self._broadcaster.publish(one)
