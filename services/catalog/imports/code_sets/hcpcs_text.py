"""HCPCS Level II as text: records of 320 bytes after some lines of notice.

Layout (1-based, from the record layout that CMS publishes beside the file): 1-5 code (a modifier at 4-5), 6-10
sequence number, 11 kind of record (3 and 4 procedure, 7 and 8 modifier; 4 and 8 go on with the long description),
12-91 long description, and in the first record of each: 92-119 short description, 120-127 pricing indicators, 128
multiple pricing, 129-146 coverage manual, 147-170 carriers manual, 171-180 statute, 181-204 laboratory certification,
205-229 cross references, 230 coverage, 231-232 and 233-240 ambulatory surgery group and its first day, 253-256
processing note, 257-259 BETOS, 261-265 types of service, 266-268 anesthesia base units, 269-276 added, 277-284 day of
the action, 285-292 last day, 293 action.
"""

import re
from collections.abc import Iterable, Iterator

from services.catalog.imports.code_sets.hcpcs_record import HcpcsRecord
from services.catalog.imports.defects import Defects

LENGTH = 320
SHORTEST_CONTINUATION = 91
"""A record that goes on with a description says nothing behind it; one of 316 bytes was published (G8891, 2019)."""
FIRST, MORE = {"3": "procedure", "7": "modifier"}, {"4": "procedure", "8": "modifier"}
_HEAD = re.compile(r"(?P<code>   [0-9A-Z]{2}|[0-9A-Z]{5})(?P<number>[0-9]{5})(?P<kind>[3478])", re.ASCII)
_VALUES = {
    "multiple_pricing": (127, 128),
    "statute": (170, 180),
    "coverage": (229, 230),
    "asc_group": (230, 232),
    "asc_from": (232, 240),
    "processing_note": (252, 256),
    "betos": (256, 259),
    "base_units": (265, 268),
    "added": (268, 276),
    "action_date": (276, 284),
    "terminated": (284, 292),
    "action": (292, 293),
}
_LISTS = {
    "pricing": (119, 127, 2),
    "coverage_manual": (128, 146, 6),
    "carriers_manual": (146, 170, 8),
    "laboratory": (180, 204, 3),
    "cross_references": (204, 229, 5),
    "types_of_service": (260, 265, 1),
}
"""Where several values begin and end, and how wide each is."""


def records(label: str, lines: Iterable[tuple[int, str]], defects: Defects) -> Iterator[HcpcsRecord]:
    """The records, each with its whole long description."""
    record: HcpcsRecord | None = None
    number = 0
    begun = False
    for line, text in lines:
        head = _HEAD.match(text)
        if not begun and (head is None or len(text) != LENGTH):
            continue  # the notice before the first record
        begun = True
        if not text.strip():
            continue
        if head is None or (wrong := _wrong_length(head, text)):
            what = "columns 1 to 11 must hold a code, a sequence number and the kind of record (3, 4, 7 or 8)"
            defects.add(label, line, 1 if head is None else len(text) + 1, what if head is None else wrong)
        elif head["kind"] in FIRST:
            if record is not None:
                yield record
            record, number = _first(label, line, head, text), int(head["number"])
        elif record is None or head["code"].strip() != record.code or int(head["number"]) <= number:
            what = f"this goes on with the description of {head['code'].strip()}, but not behind its earlier lines"
            defects.add(label, line, 1, what)
        else:
            record.long, number = " ".join([record.long, *text[11:91].split()]), int(head["number"])
    if record is not None:
        yield record
    elif not begun:
        defects.add(label, 1, 1, f"the file holds no record of {LENGTH} bytes; the official text file is expected")


def _wrong_length(head: re.Match[str], text: str) -> str:
    fewest = SHORTEST_CONTINUATION if head["kind"] in MORE else LENGTH
    if fewest <= len(text) <= LENGTH:
        return ""
    return f"the record has {len(text)} bytes where {LENGTH} are expected; it may be cut off"


def _first(label: str, line: int, head: re.Match[str], text: str) -> HcpcsRecord:
    return HcpcsRecord(
        file=label,
        line=line,
        code=head["code"].strip(),
        long=" ".join(text[11:91].split()),
        short=text[91:119].strip(),
        values={name: text[begin:end].strip() for name, (begin, end) in _VALUES.items()},
        lists={name: _parts(text, *place) for name, place in _LISTS.items()},
    )


def _parts(text: str, begin: int, end: int, width: int) -> tuple[str, ...]:
    parts = (text[at : at + width].strip() for at in range(begin, end, width))
    return tuple(part for part in parts if part)
