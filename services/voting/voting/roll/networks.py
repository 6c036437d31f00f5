"""Where a request comes from, as limits and rules see it: one connection, and its neighbourhood.

A household has one IPv4 address, or a /64 of IPv6; whoever has many of them has them in a block.
"""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_OF_ONE = {4: 32, 6: 64}
_OF_BLOCK = {4: 24, 6: 48}


def connection(address: str) -> bytes:
    """The connection that an address is of; what is no address is one connection of its own."""
    return _within(address, _OF_ONE)


def block(address: str) -> bytes:
    """The block that an address is in: /24, or /48 of IPv6."""
    return _within(address, _OF_BLOCK)


def _within(address: str, lengths: dict[int, int]) -> bytes:
    found = _read(address)
    if found is None:
        return b"none"
    return str(ip_network((found, lengths[found.version]), strict=False)).encode()


def _read(address: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(address.strip().partition("%")[0])
    except ValueError:
        return None
    mapped = found.ipv4_mapped if isinstance(found, IPv6Address) else None
    return mapped or found
