"""A network is a keyed hash of where the client really is; headers are believed only from proxies of ours."""

from ipaddress import ip_network

import pytest

from gateway.auth.network import Networks

PROXIES = (ip_network("10.0.0.0/8"), ip_network("2001:db8::/32"))


def test_addresses_of_one_network_share_a_bucket_and_others_do_not() -> None:
    networks = Networks(b"k" * 32, ())
    assert networks.bucket("192.0.2.1") == networks.bucket("192.0.2.254") == networks.bucket("::ffff:192.0.2.9")
    assert networks.bucket("192.0.2.1") != networks.bucket("192.0.3.1")
    assert networks.bucket("2001:db8:0:aa00::1") == networks.bucket("2001:db8:0:aaff::2")
    assert networks.bucket("2001:db8:0:aa00::1") != networks.bucket("2001:db8:0:ab00::1")


def test_the_bucket_says_nothing_without_the_key() -> None:
    assert Networks(b"k" * 32, ()).bucket("192.0.2.1") != Networks(b"l" * 32, ()).bucket("192.0.2.1")


@pytest.mark.parametrize(
    ("peer", "forwarded", "client"),
    [
        ("192.0.2.1", "198.51.100.7", "192.0.2.1"),  # nobody of ours: the header is the client's own invention
        ("10.0.0.1", "198.51.100.7", "198.51.100.7"),
        ("10.0.0.1", "203.0.113.5, 198.51.100.7", "198.51.100.7"),  # what stands before it may be invented
        ("10.0.0.1", "198.51.100.7, 10.0.0.2", "198.51.100.7"),
        ("10.0.0.1", "rubbish", "10.0.0.1"),
        ("10.0.0.1", None, "10.0.0.1"),
    ],
)
def test_the_client_is_the_last_hop_that_is_no_proxy_of_ours(peer: str, forwarded: str | None, client: str) -> None:
    assert Networks(b"k" * 32, PROXIES).client_address(peer, forwarded) == client
