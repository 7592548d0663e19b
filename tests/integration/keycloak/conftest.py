"""What these tests ask for: a provisioned realm."""

from collections.abc import Iterator

import pytest

from tests.integration.keycloak.realms import TestRealm, fresh
from tests.servers.keycloak import Address


@pytest.fixture(scope="session")
def realm(keycloak: Address, tmp_path_factory: pytest.TempPathFactory) -> Iterator[TestRealm]:
    """A realm for all of these tests, who leave it as the command made it; people and clients may be added."""
    made = fresh(keycloak, tmp_path_factory.mktemp("realm"))
    yield made
    made.remove()
