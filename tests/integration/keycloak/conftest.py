"""What these tests ask for: a provisioned realm."""

from collections.abc import Iterator

import pytest

from tests.integration.keycloak.realms import TestRealm, fresh
from tests.servers.keycloak import Address


@pytest.fixture(scope="module")
def realm(keycloak: Address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestRealm]:
    """A realm for the tests of one file."""
    made = fresh(keycloak, tmp_path_factory.mktemp("realm"))
    yield made
    made.remove()
