"""Who asks: the address a request comes from, as far as it can be believed."""

from collections.abc import Iterable
from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

_IPV6_SITE_BITS = 64


def client_of(remote: str, forwarded: str, trusted: Iterable[str]) -> str:
    """Give the client behind a connection from `remote` that carries `X-Forwarded-For`.

    Each proxy adds the address it was asked from at the end, so the header is read from there,
    and only as long as trusted proxies wrote it.
    """
    networks = [ip_network(network) for network in trusted]
    client = _address(remote)
    hops = [hop.strip() for hop in forwarded.split(",")]
    while client is not None and hops and any(client in network for network in networks):
        hop = _address(hops.pop())
        if hop is None:
            break
        client = hop
    return remote if client is None else _name(client)


def _address(text: str) -> IPv4Address | IPv6Address | None:
    try:
        found = ip_address(text)
    except ValueError:
        return None
    return (found.ipv4_mapped or found) if isinstance(found, IPv6Address) else found


def _name(client: IPv4Address | IPv6Address) -> str:
    """Give one name to all addresses one client can have: in IPv6 that is a whole /64."""
    if isinstance(client, IPv6Address):
        return str(ip_network((client, _IPV6_SITE_BITS), strict=False))
    return str(client)
