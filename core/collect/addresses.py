"""Which network addresses may be fetched from: public ones, and hosts that a person allowed by name.

A host name is resolved once and the connection goes to the very address that was checked, so an answer that changes
between check and connect (DNS rebinding) gains nothing.
"""

import ipaddress
import socket
from collections.abc import Callable, Iterable
from dataclasses import dataclass

from core.errors import RefusedError, UnavailableError

__all__ = ["AddressPolicy", "Resolver", "allow_host", "is_public", "resolve_host"]

Resolver = Callable[[str, int], list[str]]
"""Host and port to numeric addresses; raises OSError when there are none."""

_NAT64 = ipaddress.ip_network("64:ff9b::/96")


def resolve_host(host: str, port: int) -> list[str]:
    """The numeric addresses of a host, as the system resolves them."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(entry[4][0]) for entry in found))


def is_public(address: str) -> bool:
    """Whether a numeric address belongs to the public internet, also behind IPv6 forms that embed an IPv4 address."""
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    if isinstance(parsed, ipaddress.IPv6Address):
        inner = parsed.ipv4_mapped or parsed.sixtofour or (parsed.teredo[1] if parsed.teredo else None)
        if parsed in _NAT64:
            inner = ipaddress.IPv4Address(int(parsed) & 0xFFFFFFFF)
        if inner is not None:
            parsed = inner
    return parsed.is_global and not parsed.is_multicast and not parsed.is_reserved


def allow_host(text: str) -> str:
    """`HOST:PORT` as it is compared: lower case, without brackets around IPv6."""
    host, _, port = text.strip().lower().rpartition(":")
    return f"{host.strip('[]')}:{port}"


@dataclass(frozen=True, slots=True)
class AddressPolicy:
    """What may be connected to."""

    allowed: frozenset[str] = frozenset()
    """`host:port` as by `allow_host`: reached wherever it resolves to."""
    resolve: Resolver = resolve_host

    @classmethod
    def of(cls, hosts: Iterable[str], *, resolve: Resolver = resolve_host) -> "AddressPolicy":
        """The policy that allows these `HOST:PORT` besides the public internet."""
        return cls(frozenset(allow_host(host) for host in hosts), resolve)

    def addresses(self, host: str, port: int) -> list[str]:
        """The numeric addresses to connect to, all of them checked.

        Raises RefusedError when one of them is private, UnavailableError when the host is unknown.
        """
        try:
            found = self.resolve(host, port)
        except (OSError, UnicodeError, OverflowError) as exc:
            raise UnavailableError(f"the host {host[:80]} is not known") from exc
        if not found:
            raise UnavailableError(f"the host {host[:80]} is not known")
        if f"{host.lower().strip('[]')}:{port}" not in self.allowed and not all(map(is_public, found)):
            raise RefusedError(f"{host} is a private address")
        return found
