"""What of a code a view shows. Everything else is taken out before a template sees it,

so that no template, title, description or data block can let locked or licensed text out.
"""

import re
from collections.abc import Sequence

from codingahead.catalog.v1 import catalog_pb2
from google.protobuf.message import Message

from gateway.view import SECTIONS, OfficialText, PageView, SectionView, Visibility
from gateway.web.links import LICENSED_SYSTEMS

_ABBREVIATIONS = r"(?<!\be\.g)(?<!\bi\.e)(?<!\bvs)(?<!\bDr)(?<!\bNo)(?<!\bch)(?<!\bsec)(?<!\bapprox)"
_SENTENCE_END = re.compile(_ABBREVIATIONS + r"[.!?][\"')\]]*(?=\s+[A-Z0-9\"'(])")

_LOCKED_FOR_UNKNOWN = SectionView("", Visibility.LOCKED)


def first_sentence(text: str) -> str:
    """The first sentence of a paragraph; the whole of it when it is one sentence."""
    end = _SENTENCE_END.search(text)
    return text[: end.end()] if end else text


def section_view(view: PageView, section: str) -> SectionView:
    """The view of a section; locked when the policy does not name it."""
    try:
        return view.section(section)
    except KeyError:
        return _LOCKED_FOR_UNKNOWN


def shown_part(code: catalog_pb2.Code, view: PageView) -> catalog_pb2.Code:
    """A copy of the code that holds what this view shows and nothing else."""
    shown = catalog_pb2.Code()
    shown.CopyFrom(code)
    for section in SECTIONS:
        match section_view(view, section).visibility:
            case Visibility.FULL:
                pass
            case Visibility.FIRST_SENTENCE:
                _keep_first_sentence(shown, section)
            case Visibility.LOCKED:
                shown.ClearField(section)  # type: ignore[arg-type]  # section ids are field names
    allowed = view.official_text is OfficialText.SHOWN
    if not allowed:
        shown.official.ClearField("text")
        shown.official.ClearField("short_text")
        shown.official.ClearField("copyright")
    hidden = LICENSED_SYSTEMS - {code.system} if allowed else LICENSED_SYSTEMS | {code.system}
    _drop_official_headings(shown, hidden)
    return shown


def _keep_first_sentence(shown: catalog_pb2.Code, section: str) -> None:
    """Leaves one sentence of a text section; a section of tables has none to leave."""
    match section:
        case "official":
            official = shown.official
            official.text = first_sentence(official.text)
            official.ClearField("short_text")
        case "common":
            del shown.common.paragraphs[1:]
            if shown.common.paragraphs:
                shown.common.paragraphs[0] = first_sentence(shown.common.paragraphs[0])
        case _:
            shown.ClearField(section)  # type: ignore[arg-type]  # section ids are field names


def _drop_official_headings(message: Message, hidden: frozenset[str]) -> None:
    """Takes the official names of codes of the hidden systems out of everything in the message."""
    if isinstance(message, catalog_pb2.CodeRef | catalog_pb2.Code):
        official = message.heading.origin == catalog_pb2.TEXT_ORIGIN_OFFICIAL
        if message.system in hidden and official:
            message.ClearField("heading")
    for field, value in message.ListFields():
        if field.message_type is None:
            continue
        for part in value if field.is_repeated else (value,):
            _drop_official_headings(part, hidden)


def listed(answer: catalog_pb2.ListCodesResponse) -> catalog_pb2.ListCodesResponse:
    """A copy of a list without the official names of licensed codes: lists are open to everyone."""
    shown = catalog_pb2.ListCodesResponse()
    shown.CopyFrom(answer)
    _drop_official_headings(shown, LICENSED_SYSTEMS)
    return shown


def without_licensed_names(refs: Sequence[catalog_pb2.CodeRef]) -> list[catalog_pb2.CodeRef]:
    """The codes without the official names of licensed ones, for lists of a reader's own."""
    for ref in refs:
        _drop_official_headings(ref, LICENSED_SYSTEMS)
    return list(refs)
