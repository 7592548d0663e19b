"""The keys of one machine: made once, one a signer, and a state folder of earlier days goes on working."""

import json
from pathlib import Path

import pytest

from deploy.local.key_shares import hand_out
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


def test_each_share_holds_its_own_keys_follows_a_new_one_and_is_left_alone_otherwise(tmp_path: Path) -> None:
    def given() -> dict[str, tuple[int, bytes]]:
        files = [file for share in ("public", "search", "gateway") for file in (tmp_path / share).iterdir()]
        return {str(file.relative_to(tmp_path)): (file.stat().st_mtime_ns, file.read_bytes()) for file in files}

    hand_out(tmp_path)
    first, keys = given(), Keys(tmp_path)
    assert {name for name in first if "public" not in name} == {
        "search/internal-search.jwks",
        *(f"gateway/{name}" for name in ("internal.jwks", "guest-cookie.json", "network.key", "session.json")),
    }
    assert not any(keys.issuer_private.read_bytes() == content for _, content in first.values())
    assert {(tmp_path / name).stat().st_mode & 0o777 for name in first if "internal-public" not in name} == {0o600}
    hand_out(tmp_path)
    assert given() == first
    keys.internal_search.unlink()
    hand_out(tmp_path)
    changed = {name for name, what in given().items() if what != first[name]}
    assert changed == {"search/internal-search.jwks", "public/internal-public.jwks"}
    assert verified(keys, tmp_path / "search" / "internal-search.jwks", SEARCH)
