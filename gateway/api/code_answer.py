"""A code as the API answers it: typed sections, each open or locked by name."""

import json
from dataclasses import dataclass
from hashlib import sha256
from typing import Any, Literal, cast

from codingahead.catalog.v1 import catalog_pb2
from pydantic import Field, create_model

from gateway.api.schema import ApiModel, model_of, plain
from gateway.pages import HeldCode, KeptAnswer
from gateway.reading import Reading
from gateway.view import OFFICIAL_LOCKS, SECTION_TITLES, SECTIONS, LockReason, OfficialText, PageView, Tier, Visibility
from gateway.web.shown import shown_part

_CODE = catalog_pb2.Code.DESCRIPTOR
HEAD_FIELDS = tuple(field.name for field in _CODE.fields if field.name not in SECTIONS)


class Standing(ApiModel):
    """What this answer cost and what is left."""

    tier: Tier
    granted: bool = Field(description="Whether the page is granted to this reader.")
    limit: int | None = Field(description="Pages the window allows; null when unlimited or unknown.")
    remaining: int | None = Field(description="Pages left; null when unlimited or unknown.")
    window_end: str | None = Field(
        description="When the window ends, exclusive (RFC 3339); null before the first grant."
    )
    metering_away: bool = Field(description="Whether metering could not be asked; then nothing was counted.")
    policy_version: int


class SectionFrame(ApiModel):
    """What every section has."""

    title: str
    locked: bool = Field(description="Whether the content, or the rest of it, is withheld.")
    reason: LockReason | None = Field(description="Why it is locked; null when it is open.")
    visibility: Visibility


def _section_model(name: str) -> type[ApiModel]:
    content = model_of(_CODE.fields_by_name[name].message_type)
    fields: dict[str, Any] = {
        "content": (content | None, Field(description="The content that is shown; null when none is."))
    }
    return cast("type[ApiModel]", create_model(f"{name.capitalize()}Shown", __base__=SectionFrame, **fields))


def _answer_model() -> type[ApiModel]:
    sections: dict[str, Any] = {name: (_section_model(name), Field()) for name in SECTIONS}
    label = Literal["Our summary, not the CPT descriptor"]
    fields: dict[str, Any] = {
        "canonical_url": (str, Field(description="The address of the code's page.")),
        "summary_notice": (
            label | None,
            Field(description="The label that must stand with our texts of CPT codes; null for other code sets."),
        ),
        "sections": (create_model("Sections", __base__=ApiModel, **sections), Field()),
        "standing": (Standing, Field()),
    }
    fields |= {name: (model_of(_CODE).model_fields[name].annotation, Field()) for name in HEAD_FIELDS}
    return cast("type[ApiModel]", create_model("CodeAnswer", __base__=ApiModel, **fields))


CodeAnswer = _answer_model()
"""The model of the answer."""


@dataclass(frozen=True, slots=True)
class DrawnAnswer:
    """An answer as JSON."""

    body: bytes
    etag: bytes
    drawn: int
    """How many bytes were newly drawn for the memory."""


def answer_of(held: HeldCode, reading: Reading, public_url: str) -> DrawnAnswer:
    """Draw the answer: what stands behind the reader's standing is drawn and hashed once for all who see the same."""
    kept = held.answers.get(reading.view)
    drawn = 0
    if kept is None:
        text = json.dumps(_without_standing(held, reading.view, public_url), ensure_ascii=False)
        rest = b", " + text.encode()[1:]
        kept = held.answers[reading.view] = KeptAnswer(rest, sha256(rest).digest())
        drawn = len(rest)
    begin = b'{"standing": ' + json.dumps(standing_of(reading)).encode()
    return DrawnAnswer(begin + kept.rest, b'"' + sha256(begin + kept.digest).hexdigest()[:24].encode() + b'"', drawn)


def standing_of(reading: Reading) -> dict[str, Any]:
    """Give the reader's standing in plain values."""
    quota = reading.decision.quota
    return {
        "tier": quota.tier,
        "granted": reading.decision.granted,
        "limit": quota.limit,
        "remaining": quota.remaining,
        "window_end": quota.window_end.isoformat().replace("+00:00", "Z") if quota.window_end else None,
        "metering_away": reading.decision.metering_away,
        "policy_version": quota.policy_version,
    }


def _without_standing(held: HeldCode, view: PageView, public_url: str) -> dict[str, Any]:
    shown = shown_part(held.code, view)
    values = plain(shown)
    return {
        "canonical_url": public_url + held.path,
        "summary_notice": "Our summary, not the CPT descriptor" if held.code.system == "cpt" else None,
        "sections": {
            name: _section(name, values[name], view) | (_withheld(held.code, view) if name == "official" else {})
            for name in SECTIONS
        },
        **{name: values[name] for name in HEAD_FIELDS},
    }


def _section(name: str, content: dict[str, Any] | None, view: PageView) -> dict[str, Any]:
    section = view.section(name)
    return {
        "title": SECTION_TITLES[name],
        "locked": section.visibility is not Visibility.FULL,
        "reason": section.lock,
        "visibility": section.visibility,
        "content": None if section.visibility is Visibility.LOCKED else content,
    }


def _withheld(code: catalog_pb2.Code, view: PageView) -> dict[str, Any]:
    """Say that official text there is stays closed by its licence; the section's visibility is the policy's."""
    if not code.official.text or view.official_text is OfficialText.SHOWN:
        return {}
    return {"locked": True, "reason": OFFICIAL_LOCKS[view.official_text]}
