"""How long deployed clients of before are served."""

from collections.abc import Mapping

from attrs import frozen


@frozen(kw_only=True)
class LegacyPolicy:
    """Whether the endpoints, calls and names of old are still served, since when they are
    deprecated (an HTTP structured date, RFC 9745) and when they end (an HTTP date, RFC 8594)."""

    enabled: bool = True
    deprecated_since: str = "@1755302400"
    sunset: str = "Wed, 30 Jun 2027 23:59:59 GMT"

    def headers(self, successor: str) -> Mapping[str, str]:
        """The headers of an answer; `successor` is the path to use instead."""
        return {
            "Deprecation": self.deprecated_since,
            "Sunset": self.sunset,
            "Link": f'<{successor}>; rel="successor-version"',
        }
