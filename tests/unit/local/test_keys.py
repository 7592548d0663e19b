"""The keys of one machine: made once, one a signer, and a state folder of earlier days goes on working."""

import json
from pathlib import Path

import pytest

from deploy.local.keys import Keys
from shared.errors import Unauthenticated
from shared.identity import InternalTokenSigner, InternalTokenVerifier, Kind, Principal

READER = Principal(Kind.ACCOUNT, "4711")
SEARCH = Principal(Kind.SERVICE, "search", frozenset({"service"}))


@pytest.fixture
def keys(tmp_path: Path) -> Keys:
    """Keys that were made now."""
    made = Keys(tmp_path)
    made.create()
    return made


def verified(keys: Keys, private: Path, principal: Principal) -> bool:
    """Whether services believe a token of a key that names a principal."""
    try:
        verifier = InternalTokenVerifier.from_jwks_file(keys.internal_public)
        return verifier.verify(InternalTokenSigner.from_jwk_file(private).sign(principal)) == principal
    except Unauthenticated:
        return False


def test_the_gateway_names_readers_and_search_itself_alone(keys: Keys) -> None:
    assert verified(keys, keys.internal_private, READER)
    assert verified(keys, keys.internal_search, SEARCH)
    assert not verified(keys, keys.internal_search, READER)
    assert {file.stat().st_mode & 0o777 for file in (keys.internal_private, keys.internal_search)} == {0o600}
    assert all("d" not in key for key in json.loads(keys.internal_public.read_text())["keys"])


def test_a_state_folder_of_earlier_days_is_completed_and_keeps_its_key(keys: Keys) -> None:
    keys.internal_search.unlink()
    public = json.loads(keys.internal_public.read_text())["keys"]
    earlier = [
        {name: value for name, value in key.items() if name != "principal"} for key in public if "roles" not in key
    ]
    keys.internal_public.write_text(json.dumps({"keys": earlier}))
    signer = keys.internal_private.read_bytes()
    keys.create()
    assert keys.internal_private.read_bytes() == signer
    assert verified(keys, keys.internal_private, READER)
    assert verified(keys, keys.internal_search, SEARCH)
    assert not verified(keys, keys.internal_search, READER)


def test_a_start_between_two_files_is_made_good_by_the_next_one(keys: Keys) -> None:
    keys.internal_public.unlink()
    keys.create()
    assert verified(keys, keys.internal_private, READER)
    assert verified(keys, keys.internal_search, SEARCH)


def test_complete_keys_are_left_as_they_are(keys: Keys) -> None:
    before = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in keys.internal_public.parent.iterdir()}
    keys.create()
    after = {file.name: (file.stat().st_mtime_ns, file.read_bytes()) for file in keys.internal_public.parent.iterdir()}
    assert after == before


def test_a_key_that_was_taken_away_is_believed_no_more_and_the_others_are(keys: Keys, tmp_path: Path) -> None:
    stolen = tmp_path / "stolen"
    keys.internal_search.rename(stolen)
    keys.create()
    assert not verified(keys, stolen, SEARCH)
    assert verified(keys, keys.internal_search, SEARCH)
    assert verified(keys, keys.internal_private, READER)
    keys.internal_private.rename(stolen)
    keys.create()
    assert not verified(keys, stolen, READER)
    assert verified(keys, keys.internal_search, SEARCH)
