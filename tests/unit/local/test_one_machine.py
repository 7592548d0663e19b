"""The built-in sign-in is for one machine alone."""

import pytest

from deploy.local.issuer.settings import require_one_machine
from shared.errors import CannotStart


@pytest.mark.parametrize("url", ["http://localhost:8080", "http://127.0.0.1:8080", "http://[::1]:8080"])
def test_it_starts_at_an_address_of_this_machine(url: str) -> None:
    require_one_machine(url)


@pytest.mark.parametrize(
    "url", ["https://codes.example.org", "http://192.168.1.5:8080", "http://localhost.example.org", "http:///x"]
)
def test_it_does_not_start_at_an_address_for_others(url: str) -> None:
    with pytest.raises(CannotStart, match=r"for one machine.*Keycloak"):
        require_one_machine(url)
