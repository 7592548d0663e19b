"""Lists the PTP edits of a code, a page at a time: some codes have ten thousand. The code needs no page here."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Protocol

from services.catalog import answers, cursors
from services.catalog.editions import Editions
from services.catalog.holdings import answering, holdings
from services.catalog.imports.payment.procedure_codes import is_code, system_of
from services.catalog.pages.parts import Refs, data_release
from services.catalog.pages.payment_tables import ptp_edit, ptp_scope
from services.catalog.records import Library, Ptp, ReleaseRecord
from services.catalog.systems import SYSTEMS, printable, undotted
from shared.clock import Clock
from shared.errors import InvalidInput, NotFound

LARGEST_PAGE = 1_000
SYSTEMS_WITH_EDITS = ("cpt", "hcpcs", "cdt")
PTP_SLOTS = {
    answers.Setting.PRACTITIONER: "ncci-ptp/practitioner",
    answers.Setting.OUTPATIENT: "ncci-ptp/outpatient",
}
LONGEST_CODE = 5


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which edits are wanted."""

    code: str
    column: int
    """The column that the code stands in, 1 or 2."""
    day: date
    others: str = ""
    """The other code, or how it begins; empty for all."""


@dataclass(frozen=True, slots=True)
class Asked:
    """What a caller asks for, as it came."""

    system: str
    code: str
    setting: int
    column: int
    with_code: str
    day: date | None
    page_size: int
    page_token: str


class PtpEdits(Protocol):
    """Where edits are read from."""

    async def part(self, release: ReleaseRecord, wanted: Wanted, after: str, limit: int) -> tuple[int, list[Ptp]]:
        """Give how many edits are wanted, and some of them from behind another code on, in order."""
        ...


class PtpLists:
    """The edits of the releases that answer."""

    def __init__(self, library: Library, edits: PtpEdits, clock: Clock) -> None:
        """Take where codes and edits are read from, and the clock by which a day that is not named is today."""
        self._library = library
        self._edits = edits
        self._clock = clock

    async def page(self, asked: Asked) -> answers.ListPtpEditsResponse:
        """A page of a code's edits; pages of one list stay with one release.

        Raises:
            NotFound: the table of the setting is not loaded, or the system has no edits.
            InvalidInput: code, setting, column, cursor or page size are wrong.

        """
        code, columns = _code(asked), _columns(asked)
        size = cursors.page_size(asked.page_size, largest=LARGEST_PAGE)
        editions = await self._library.editions()
        today = self._clock.now().date()
        release, column, after = self._begin(asked, editions, answering(editions, asked.day, today))
        day, others = asked.day or today, _others(asked.with_code)
        lists = [Wanted(code, each, day, others) for each in columns]
        total, found = await self._read(release, lists, (column, after), size + 1)
        found, more = found[:size], len(found) > size
        keys = [(system_of(each), each) for _, edit in found for each in (edit.column_1, edit.column_2)]
        named = await self._library.records(
            holdings(SYSTEMS.values(), answering(editions, asked.day, today)), list(dict.fromkeys(keys))
        )
        refs = Refs(named)
        return answers.ListPtpEditsResponse(
            edits=tuple(ptp_edit(edit, refs) for _, edit in found),
            total=total,
            next_page_token=_token(asked, release, found[-1]) if more else "",
            release=data_release(release, today),
            scope=tuple(
                ptp_scope(
                    release,
                    f"{code} {_with(others)}".strip(),
                    total,
                    day,
                    starts_known=all(edit.effective_from for _, edit in found),
                )
            ),
        )

    def _begin(
        self, asked: Asked, editions: Editions[ReleaseRecord], releases: Mapping[str, ReleaseRecord]
    ) -> tuple[ReleaseRecord, int, str]:
        """The release to list, the column to begin in, and the other code to begin behind."""
        slot = _slot(asked)
        if not asked.page_token:
            if slot not in releases:
                raise NotFound(
                    "TABLE_NOT_LOADED",
                    "setting: NCCI procedure-to-procedure edits of this setting are not loaded here.",
                )
            return releases[slot], 0, ""
        release_id, code, others, column, after = cursors.from_token(asked.page_token, str, str, str, int, str)
        release = next((release for release in editions.of(slot) if release.id == release_id), None)
        if (
            release is None
            or (code, others) != (undotted(asked.code), _others(asked.with_code))
            or column not in (1, 2)
        ):
            raise cursors.malformed()
        return release, int(column), str(after)

    async def _read(
        self, release: ReleaseRecord, lists: Sequence[Wanted], begin: tuple[int, str], most: int
    ) -> tuple[int, list[tuple[int, Ptp]]]:
        """All edits of some lists, counted, and some of them from a place on, each with the code's column."""
        total, found = 0, list[tuple[int, Ptp]]()
        for wanted in lists:
            after = begin[1] if wanted.column == begin[0] else ""
            left = most - len(found) if wanted.column >= begin[0] else 0
            count, edits = await self._edits.part(release, wanted, after, left)
            total += count
            found += [(wanted.column, edit) for edit in edits]
        return total, found


def _slot(asked: Asked) -> str:
    if asked.setting == answers.Setting.DME:
        raise InvalidInput(
            "SETTING_WRONG",
            "setting: Medicare publishes no procedure-to-procedure edits for DME suppliers; the settings are "
            "practitioner and outpatient.",
            metadata={"field": "setting"},
        )
    try:
        return PTP_SLOTS[answers.Setting(asked.setting or answers.Setting.PRACTITIONER)]
    except ValueError:
        raise InvalidInput(
            "SETTING_WRONG", "setting: practitioner or outpatient is expected.", metadata={"field": "setting"}
        ) from None


def _code(asked: Asked) -> str:
    code = undotted(asked.code)
    if asked.system.lower() not in SYSTEMS_WITH_EDITS:
        raise NotFound(
            "SYSTEM_UNKNOWN",
            f'system: "{printable(asked.system, 30)}" has no procedure-to-procedure edits; '
            f"{', '.join(SYSTEMS_WITH_EDITS)} have.",
            metadata={"field": "system"},
        )
    if not is_code(code) or system_of(code) != asked.system.lower():
        raise InvalidInput(
            "CODE_MALFORMED",
            f'code: "{printable(code, 30)}" is no code of {asked.system.lower()}; five characters are expected.',
            metadata={"field": "code"},
        )
    return code


def _columns(asked: Asked) -> tuple[int, ...]:
    if asked.column not in (0, 1, 2):
        raise InvalidInput(
            "COLUMN_WRONG",
            f"column: 1 or 2 is expected, or nothing for both; {asked.column} was asked for.",
            metadata={"field": "column"},
        )
    return (asked.column,) if asked.column else (1, 2)


def _others(text: str) -> str:
    """The other code, or how it begins."""
    if not text.strip():
        return ""
    code = undotted(text)
    if len(code) > LONGEST_CODE or "-" in code:
        raise InvalidInput(
            "CODE_MALFORMED",
            f'with_code: "{printable(text, 30)}" is neither a code of five characters nor the beginning of one.',
            metadata={"field": "with_code"},
        )
    return code


def _with(others: str) -> str:
    if not others:
        return ""
    return f"with {others}" if len(others) == LONGEST_CODE else f"with codes that begin with {others}"


def _token(asked: Asked, release: ReleaseRecord, last: tuple[int, Ptp]) -> str:
    column, edit = last
    other = edit.column_2 if column == 1 else edit.column_1
    return cursors.to_token(release.id, undotted(asked.code), _others(asked.with_code), column, other)
