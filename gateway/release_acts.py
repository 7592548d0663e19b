"""What operators do to releases, each act audited: which one of a kind and setting is in force."""

from __future__ import annotations

from codingahead.catalog.v1 import catalog_pb2, releases_pb2
from starlette.requests import Request

from gateway.audit import Act, Performed, Standing
from gateway.operators import Why
from gateway.platform import gateway_of, reader_of
from shared.errors import InvalidInput

NOTHING: Standing = {"in force": "nothing"}


def slot_of(release: catalog_pb2.DataRelease) -> str:
    """The name of a release's kind and setting."""
    return f"{release.kind}/{release.setting}" if release.setting else release.kind


async def revert(request: Request, why: Why, release_id: str) -> Performed:
    """Put the kind and setting that `why` names back to a release, from the next request on."""
    kind, _, setting = why.principal.partition("/")
    known = [release for release in await gateway_of(request).catalog.releases(kind) if release.setting == setting]
    wanted = next((release for release in known if release.release_id == release_id), None)
    if wanted is None:
        raise InvalidInput(
            "RELEASE_UNKNOWN", f"release: there is no release {release_id[:80]} of {why.principal[:80]}."
        )
    present = next((release for release in known if release.in_force), None)
    asked = releases_pb2.RevertReleaseRequest(
        request_id=f"operator-{why.request_id}", kind=kind, setting=setting, release_id=release_id
    )
    principal = reader_of(request).principal

    async def work() -> Standing:
        answer = await gateway_of(request).releases.revert(asked, principal)
        return _standing(answer.release) | {"codes changed": answer.changed}

    act = Act(
        principal.name, f"put back to {wanted.edition}", why.principal, why.reason, why.request_id,
        {"release": release_id},
    )  # fmt: skip
    return await gateway_of(request).audit.perform(act, _standing(present) if present else NOTHING, work)


def _standing(release: catalog_pb2.DataRelease) -> dict[str, object]:
    return {"in force": release.edition, "release": release.release_id}
