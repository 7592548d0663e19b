"""What the HCPCS file itself says of a code or modifier: its days, coverage, pricing and the codes that stand for it.

The values are explained as in the record layout that CMS publishes with the file.
"""

from collections.abc import Iterator
from datetime import date

from services.catalog import answers
from services.catalog.pages.conversions import in_words
from services.catalog.pages.indicators import HCPCS_COVERAGE
from services.catalog.pages.parts import Refs, citation_of, statement
from services.catalog.records import Key, Known

KIND = "hcpcs"
LABEL = "Our summary, composed from the code's place in HCPCS Level II"
PRICING = {
    "00": "not priced separately by Medicare Part B",
    "11": "national RVUs of the physician fee schedule",
    "12": "national anesthesia base units",
    "13": "priced by the Medicare contractor under the physician fee schedule",
    "21": "clinical laboratory fee schedule, with the national limitation amount",
    "22": "clinical laboratory fee schedule, priced by the Medicare contractor",
    "31": "durable medical equipment, frequently serviced",
    "32": "durable medical equipment, inexpensive or routinely purchased",
    "33": "oxygen and oxygen equipment",
    "34": "supplies for durable medical equipment",
    "35": "surgical dressings",
    "36": "durable medical equipment, capped rental",
    "37": "ostomy, tracheostomy and urological supplies",
    "38": "orthotics, prosthetics, prosthetic devices and vision services",
    "39": "parenteral and enteral nutrition",
    "45": "customized durable medical equipment",
    "46": "durable medical equipment, priced by the Medicare contractor",
    "51": "drugs",
    "52": "reasonable charge",
    "53": "statute",
    "54": "vaccinations",
    "55": "splints and casts",
    "56": "intraocular lenses inserted in a physician's office",
    "57": "priced by the Medicare contractor",
    "99": "value not established",
}
ACTIONS = {
    "A": "Added",
    "B": "Administrative data and long description changed",
    "C": "Long description changed",
    "D": "Discontinued",
    "F": "Administrative data changed",
    "N": "",
    "P": "Payment data changed",
    "R": "Put back in use",
    "S": "Short description changed",
    "T": "Type of service or BETOS changed",
}


def is_source(known: Known) -> bool:
    """Whether the code is shown from the HCPCS file."""
    return known.source.kind == KIND


def described(known: Known) -> str:
    """Where the code stands in its code set; empty where the file says nothing of it."""
    section = next(iter(known.place.ancestors), None)
    if not is_source(known) or section is None:
        return ""
    return (
        f"{known.place.record.display} is a code of HCPCS Level II from the section of {section.display}, "
        f"“{section.heading}”. We have not written a summary of it yet."
    )


def coverage(known: Known) -> Iterator[answers.Statement]:
    """The coverage code, and that a code is not used any more."""
    if not is_source(known):
        return
    body, source = known.place.record.body, citation_of(known.source)
    if meaning := HCPCS_COVERAGE.get(body.get("coverage", "")):
        yield statement(f"HCPCS coverage code {body['coverage']}: {meaning}.", source)
    if last := body.get("terminated"):
        yield statement(f"{known.place.record.display}: {_last_day(last)}", source)


def report_words(known: Known) -> str:
    """Whether the code may be reported, in a sentence."""
    record = known.place.record
    if last := record.body.get("terminated"):
        return f"{record.display}: {_last_day(last)}"
    return f"{record.display} is complete and may be reported."


def pricing(known: Known) -> Iterator[answers.Statement]:
    """How Medicare prices it."""
    body = known.place.record.body if is_source(known) else {}
    named = [f"{value} ({PRICING[value]})" for value in body.get("pricing", ()) if value in PRICING]
    if named:
        yield statement(f"Pricing indicator: {', '.join(named)}.", citation_of(known.source))


def history(known: Known) -> Iterator[answers.HistoryEvent]:
    """The days that the file tells."""
    if not is_source(known):
        return
    body, source = known.place.record.body, citation_of(known.source)
    days = {"added": "Added to HCPCS Level II.", "terminated": "Last day."}
    if action := ACTIONS.get(body.get("action", ""), ""):
        days["action_date"] = f"{action}."
    for name, words in days.items():
        if day := body.get(name):
            yield answers.HistoryEvent(date=date.fromisoformat(day), event=statement(words, source))


def codes_named(known: Known) -> list[Key]:
    """The codes that the file refers to."""
    return [_key(code) for code in known.place.record.body.get("cross_references", ())] if is_source(known) else []


def related(known: Known, named: Refs) -> Iterator[answers.RelatedCode]:
    """The codes that the file refers to: those in whose favour a code was ended, or that Medicare takes instead."""
    record = known.place.record
    for system, code in codes_named(known):
        ended = "terminated" in record.body
        words = "The HCPCS file names it for the ended code." if ended else "The HCPCS file refers to it."
        yield answers.RelatedCode(
            code=named.of(system, code),
            relation="successor" if ended else "alternative",
            note=statement(words, citation_of(known.source)),
        )


def _last_day(text: str) -> str:
    return f"its last day is {in_words(date.fromisoformat(text))}."


def _key(code: str) -> Key:
    if len(code) == 2:
        return "modifier", code
    return ("cpt" if code[:1].isdigit() else "hcpcs"), code
