"""Which addresses may be connected to."""

import pytest

from core.collect.addresses import AddressPolicy, is_public
from core.errors import RefusedError, UnavailableError


@pytest.mark.parametrize(
    "address",
    [
        "127.0.0.1",
        "127.8.9.10",
        "0.0.0.0",
        "10.1.2.3",
        "172.16.0.1",
        "192.168.1.1",
        "100.64.0.1",
        "169.254.169.254",
        "224.0.0.1",
        "255.255.255.255",
        "240.0.0.1",
        "::1",
        "::",
        "fe80::1%eth0",
        "fd00::1",
        "ff02::1",
        "::ffff:127.0.0.1",
        "::ffff:10.0.0.1",
        "64:ff9b::7f00:1",
        "2002:7f00:1::",
        "nonsense",
    ],
)
def test_private_addresses_are_recognised(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize(
    "address", ["93.184.216.34", "8.8.8.8", "2606:2800:220:1:248:1893:25c8:1946", "64:ff9b::808:808"]
)
def test_public_addresses_are_recognised(address: str) -> None:
    assert is_public(address)


@pytest.mark.parametrize("host", ["localhost", "127.0.0.1", "0", "0x7f000001", "2130706433", "::1"])
def test_every_spelling_of_this_machine_is_refused(host: str) -> None:
    with pytest.raises((RefusedError, UnavailableError)):
        AddressPolicy().addresses(host, 80)


def test_one_private_address_among_public_ones_is_refused() -> None:
    policy = AddressPolicy.of([], resolve=lambda host, port: ["93.184.216.34", "10.0.0.1"])
    with pytest.raises(RefusedError, match="private address"):
        policy.addresses("example.org", 80)


def test_an_allowed_host_is_allowed_at_its_port_only() -> None:
    policy = AddressPolicy.of([" LocalHost:8000 "], resolve=lambda host, port: ["127.0.0.1"])
    assert policy.addresses("localhost", 8000) == ["127.0.0.1"]
    with pytest.raises(RefusedError):
        policy.addresses("localhost", 8001)


def test_an_unknown_host_is_named() -> None:
    def unknown(host: str, port: int) -> list[str]:
        raise OSError("no such host")

    with pytest.raises(UnavailableError, match=r"nowhere\.example is not known"):
        AddressPolicy.of([], resolve=unknown).addresses("nowhere.example", 80)
