"""The form of the edit checker: what a reader filled in, the claim it makes, and the link that fills it in again."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any
from urllib.parse import quote

from starlette.datastructures import QueryParams

from gateway.api.claim_models import Claim
from gateway.api.claims_body import Defect, claim_of, today
from gateway.web import claim_text
from gateway.web.claim_text import LineText, Pasted

MOST_LINES = 200
LONGEST_PASTE = 20_000
OLDEST_YEARS = 130
SETTINGS = {
    "practitioner": "Practitioner, surgical center",
    "outpatient": "Outpatient hospital",
    "dme": "Equipment supplier (DME)",
}
PATH = "/edits"


@dataclass(frozen=True, slots=True)
class EditForm:
    """A filled-in form."""

    setting: str = "practitioner"
    date: str = ""
    diagnoses: tuple[str, ...] = ()
    lines: tuple[LineText, ...] = ()
    history: str = ""
    """Services billed before, as pasted."""
    sex: str = ""
    age: str = ""
    """In years; empty where it was not said."""
    place: str = ""
    """Place of service, two digits."""
    payer: str = ""
    unread: tuple[str, ...] = ()
    """Words of the pasted text that were not understood."""
    complaint: str = ""
    """Why the form cannot be read at all."""

    @classmethod
    def of(cls, query: QueryParams) -> "EditForm":
        """Read a form that was sent, or a link."""
        pasted = claim_text.read(query.get("paste", "")[:LONGEST_PASTE])
        lines = [*claim_text.from_short(query.get("lines", "")), *_rows(query), *pasted.lines]
        diagnoses, shifted = _merged(query.get("dx", ""), pasted, len(lines) - len(pasted.lines), lines)
        complaint = "" if len(shifted) <= MOST_LINES else f"The page takes {MOST_LINES} lines; the API takes more."
        return cls(
            setting=query.get("setting", "practitioner").strip().lower() or "practitioner",
            date=claim_text.day_of(query.get("date", "").strip()),
            diagnoses=tuple(diagnoses),
            lines=tuple(shifted[:MOST_LINES]),
            history=query.get("history", "")[:LONGEST_PASTE],
            sex=query.get("sex", ""),
            age=query.get("age", "").strip(),
            place=query.get("pos", "").strip(),
            payer=query.get("payer", "").strip(),
            unread=tuple(pasted.unread),
            complaint=complaint,
        )

    def claim(self) -> tuple[Claim | None, list[Defect]]:
        """The claim that it makes, or what is wrong with it."""
        before = claim_text.read(self.history)
        value: dict[str, Any] = {
            "setting": self.setting,
            "date": self.date or None,
            "diagnoses": list(self.diagnoses),
            "lines": [_line(line) for line in self.lines],
            "patient": {"sex": self.sex or None, "birth_date": self._born()},
            "place_of_service": self.place or None,
            "payer": self.payer or None,
            "history": [_past(line) for line in before.lines],
        }
        return claim_of(0, value)

    def _born(self) -> str | None:
        """A day of birth for an age in years."""
        if not self.age.isdigit() or int(self.age) > OLDEST_YEARS:
            return self.age or None  # what is no age is no day either, and is told as such
        day = date.fromisoformat(self.date) if claim_text.is_day(self.date) else today()
        return date(day.year - int(self.age), 1, 1).isoformat() if int(self.age) else day.isoformat()

    def link(self, path: str = PATH) -> str:
        """The address that fills the form in like this."""
        values = {
            "setting": self.setting,
            "date": self.date,
            "dx": ",".join(self.diagnoses),
            "lines": ";".join(map(claim_text.short, self.lines)),
            "history": self.history,
            "sex": self.sex,
            "age": self.age,
            "pos": self.place,
            "payer": self.payer,
        }
        return f"{path}?" + "&".join(
            f"{name}={quote(value, safe=';:@*,~-')}" for name, value in values.items() if value
        )


def _rows(query: QueryParams) -> Iterable[LineText]:
    """The rows of the table of lines; those whose code was emptied go."""
    fields = {name: query.getlist(name) for name in ("code", "units", "mods", "ptr", "from", "to")}
    for place, code in enumerate(fields["code"]):
        at: Mapping[str, str] = {
            name: values[place].strip() if place < len(values) else "" for name, values in fields.items()
        }
        if code.strip() and str(place) not in query.getlist("drop"):
            modifiers = " ".join(at["mods"].upper().replace(",", " ").replace("-", " ").split())
            yield LineText(
                code.strip().upper(), at["units"] or "1", modifiers, ",".join(at["ptr"].replace(",", " ").split()),
                claim_text.day_of(at["from"]), claim_text.day_of(at["to"]),
            )  # fmt: skip


def _merged(written: str, pasted: Pasted, before: int, lines: Sequence[LineText]) -> tuple[list[str], list[LineText]]:
    """Diagnoses of the field and of the pasted text together, and lines whose pointers lead into them."""
    diagnoses = list(dict.fromkeys(code.upper() for code in written.replace(";", " ").replace(",", " ").split()))
    places = {}
    for number, code in enumerate(pasted.diagnoses, 1):
        if code not in diagnoses:
            diagnoses.append(code)
        places[str(number)] = str(diagnoses.index(code) + 1)
    return diagnoses, [
        *lines[:before],
        *(
            LineText(
                line.code, line.units, line.modifiers,
                ",".join(places.get(part, part) for part in line.pointers.split(",") if part), line.date, line.date_to,
            )
            for line in lines[before:]
        ),
    ]  # fmt: skip


def _line(line: LineText) -> dict[str, Any]:
    return {
        "code": line.code,
        "units": line.units,
        "modifiers": line.modifiers.split(),
        "diagnoses": [part.strip() for part in line.pointers.split(",") if part.strip()],
        "date": line.date or None,
        "date_to": line.date_to or None,
    }


def _past(line: LineText) -> dict[str, Any]:
    return {
        "code": line.code,
        "units": line.units,
        "modifiers": line.modifiers.split(),
        "date": line.date or None,
    }
