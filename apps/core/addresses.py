"""Which internet addresses are public: the rule behind the client's guard."""

from __future__ import annotations

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address

# RFC 6052: the last 32 bits are an IPv4 address that a gateway will connect to.
_NAT64 = IPv6Network("64:ff9b::/96")
# RFC 6890: protocol assignments; Python knew only parts of it before 3.11.10.
_ASSIGNMENTS = IPv4Network("192.0.0.0/24")
# The only block given out for use on the internet (IANA IPv6 Address Space); what is not in it is not public.
_GLOBAL_UNICAST = IPv6Network("2000::/3")


def is_public(address: str) -> bool:
    """Whether an address is one of the open internet: not this machine, network, cloud metadata or a tunnel to them."""
    try:
        parsed = ip_address(address.partition("%")[0])
    except ValueError:
        return False
    return _is_public_4(parsed) if isinstance(parsed, IPv4Address) else _is_public_6(parsed)


def _is_public_4(address: IPv4Address) -> bool:
    return address.is_global and not (address.is_multicast or address.is_reserved or address in _ASSIGNMENTS)


def _is_public_6(address: IPv6Address) -> bool:
    if address in _NAT64:
        return _is_public_4(IPv4Address(int(address) & 0xFFFFFFFF))
    if address.sixtofour or address.teredo:  # carry an IPv4 address of the sender's choice
        return False
    return address in _GLOBAL_UNICAST and address.is_global and not address.is_multicast
