"""What addresses are counted under, and which are proxies."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from adapters.inbound.server.client_address import (
    AddressPolicy,
    AddressSource,
    address_key,
    parse_networks,
)
from adapters.inbound.server.proxy_protocol import InvalidHeader, read_header


@pytest.mark.parametrize(
    ("host", "key"),
    [
        ("192.0.2.7", "192.0.2.7"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1:2::/64"),
        ("2001:db8:1:2::1", "2001:db8:1:2::/64"),
        ("fe80::1%eth0", "fe80::/64"),
        ("::ffff:192.0.2.7", "192.0.2.7"),
        ("no:address", "no:address"),
    ],
)
def test_what_an_address_is_counted_under(host: str, key: str) -> None:
    """An IPv6 subscriber has a whole /64; an IPv4 address is the same in both forms."""
    assert address_key(host) == key


@pytest.mark.parametrize(
    ("host", "trusted"),
    [
        ("10.1.2.3", True),
        ("::ffff:10.1.2.3", True),
        ("11.1.2.3", False),
        ("2001:db8::1", True),
        ("2001:db8::2", False),
        ("", False),
        ("unix", False),
    ],
)
def test_proxies_are_named(host: str, trusted: bool) -> None:
    """By network or address."""
    policy = AddressPolicy(proxies=parse_networks("10.0.0.0/8, 2001:db8::1"))
    assert policy.trusts(host) is trusted


def test_nobody_is_a_proxy_by_default() -> None:
    assert not AddressPolicy().trusts("127.0.0.1")


@given(st.text(max_size=60))
def test_no_header_breaks_anything(text: str) -> None:
    """The answer is an address, or none."""
    for source in (AddressSource.FORWARDED, AddressSource.X_FORWARDED_FOR):
        policy = AddressPolicy(source=source, proxies=parse_networks("10.0.0.0/8"))
        name = source.value.replace("_", "-").encode()
        found = policy.client_of([(name, text.encode("utf-8"))])
        assert found is None or address_key(found)


@given(
    st.sampled_from(
        [b"PROXY ", b"PROXY TCP4 ", b"\r\n\r\n\x00\r\nQUIT\n", b"\r\n\r\n\x00\r\nQUIT\n!"]
    ),
    st.binary(max_size=60),
)
def test_no_proxy_header_breaks_anything(start: bytes, rest: bytes) -> None:
    """It is incomplete, invalid, or has a size within what was read."""
    try:
        header = read_header(start + rest)
    except InvalidHeader:
        return
    assert header is None or 0 < header.size <= len(start + rest)
