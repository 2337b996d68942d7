from ipaddress import IPv4Address, IPv6Address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.core.addresses import is_public


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1", "127.8.8.8", "0.0.0.0", "10.1.2.3", "172.16.0.1", "172.31.255.255", "192.168.0.1",
        "169.254.169.254", "100.64.0.1", "192.0.0.8", "192.0.2.1", "198.18.0.1", "198.51.100.1", "203.0.113.1",
        "224.0.0.1", "239.1.1.1", "240.0.0.1", "255.255.255.255",
        "::", "::1", "fe80::1", "fe80::1%eth0", "fc00::1", "fd12::1", "ff02::1", "2001:db8::1", "64:ff9b::7f00:1",
        "::ffff:127.0.0.1", "::ffff:8.8.8.8", "2002:7f00:1::", "2001::1", "not an address", "",
    ],
)  # fmt: skip
def test_closed_addresses_are_not_public(address):
    assert not is_public(address)


@pytest.mark.parametrize("address", ["8.8.8.8", "172.32.0.1", "2606:4700::1111", "64:ff9b::808:808"])
def test_open_addresses_are_public(address):
    assert is_public(address)


@given(st.integers(0, 2**32 - 1))
def test_ipv4_inside_ipv6_is_never_more_public(number):
    v4 = IPv4Address(number)
    assert not is_public(str(IPv6Address(0xFFFF << 32 | number)))
    assert is_public(str(IPv6Address(int(IPv6Address("64:ff9b::")) | number))) == is_public(str(v4))
