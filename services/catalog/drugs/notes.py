"""What is said beside a counted dose: the rules that were followed, with their sources, and what else to know."""

from collections.abc import Iterator, Sequence
from datetime import date

from services.catalog.answers import Citation, Statement
from services.catalog.drugs.billing_unit import BillingUnit
from services.catalog.drugs.measures import counted, plain
from services.catalog.drugs.units import JW, JW_REQUIRED, JZ, JZ_REQUIRED, DrugUnits, Opened

MANUAL = "Medicare Claims Processing Manual (Pub. 100-04), chapter 17, Drugs and Biologicals"
MANUAL_URL = "https://www.cms.gov/regulations-and-guidance/guidance/manuals/downloads/clm104c17.pdf"
UNITS = Citation(title=MANUAL, publisher="CMS", url=MANUAL_URL)
DISCARDED = Citation(title=MANUAL, locator="sec. 40", publisher="CMS", url=MANUAL_URL)
SMALLEST = Citation(
    title="Billing and Coding: JW and JZ Modifier Guidelines",
    edition="June 2023",
    publisher="CGS Administrators, Medicare contractor",
    url="https://cgsmedicare.com/partb/pubs/news/2023/06/cope140894.html",
)
LESS_THAN_A_UNIT = Citation(
    title="Modifier JZ",
    edition="March 2024",
    publisher="Noridian Healthcare Solutions, Medicare contractor",
    url="https://med.noridianmedicare.com/web/jddme/topics/modifiers/jz",
)


def notes(unit: BillingUnit, counted_units: DrugUnits, *, single_dose: bool | None, day: date) -> Iterator[Statement]:
    """The notes on a counted dose; `single_dose` is None when nobody said how the drug is packed."""
    yield _rounding(unit, counted_units)
    if single_dose is None:
        yield _said(
            "Say whether the label calls the container single-dose: then JW or JZ is needed, and otherwise neither."
        )
    elif not single_dose:
        yield _said("Containers of several doses have neither JW nor JZ, and nothing of them is billed as thrown away.")
    elif not counted_units.opened:
        yield _said("Say what one container holds: then what is thrown away is counted, and JW or JZ is needed.")
    else:
        yield from _waste(unit, counted_units, day)
    if single_dose:
        yield _said(
            "JW and JZ are for drugs that Medicare Part B pays separately. Other payers may have rules of their own."
        )


def _rounding(unit: BillingUnit, result: DrugUnits) -> Statement:
    exact, given = result.exact, result.given
    if exact == given:
        words = f"One unit is {unit.words}, so the dose is {_units(given)}."
    else:
        words = f"One unit is {unit.words}, so the dose is {plain(round(exact, 4))} and rounds up to {_units(given)}."
    return Statement(text=words, citations=(UNITS,))


def _waste(unit: BillingUnit, result: DrugUnits, day: date) -> Iterator[Statement]:
    modifiers = [line.modifier for line in result.lines]
    if JW in modifiers:
        yield _said(
            "What is thrown away of a single-dose container stands on a line of its own with JW, in whole units; what"
            " the rounding of the dose has billed already is not billed again. The record shows both amounts."
        )
        if day < JW_REQUIRED:
            yield Statement(text="Before 1 January 2017 the Medicare contractor decided whether JW was to be used.")
    elif JZ in modifiers:
        yield _said("Nothing is left that a line could bill, so the line has JZ.")
    else:
        words = "JZ is required for dates of service from 1 July 2023 on; it exists since 1 January 2023."
        yield Statement(text=words, citations=(DISCARDED,))
    if result.left and JW not in modifiers:
        yield _left(unit, result, day)
    elif result.unbilled:
        amount = counted(result.unbilled, unit.measure)
        yield _said(f"{amount} of what is thrown away is less than a unit, and no line bills it.")
    if result.less_waste:
        words = f"{_containers(result.less_waste)} would hold the dose and leave less. Contractors expect the sizes"
        yield Statement(text=f"{words} that waste least.", citations=(SMALLEST,))


def _left(unit: BillingUnit, result: DrugUnits, day: date) -> Statement:
    """Something is thrown away, and no line with JW bills it."""
    amount = counted(result.left, unit.measure)
    covered = "less than a unit" if result.unbilled else "billed already by the rounding of the dose"
    words = f"{amount} is thrown away. It is {covered}, so no line with JW may bill it; the record shows it."
    return Statement(text=words, citations=(DISCARDED, LESS_THAN_A_UNIT) if day >= JZ_REQUIRED else (DISCARDED,))


def _containers(opened: Sequence[Opened]) -> str:
    return " and ".join(f"{each.count} x {each.words}" for each in opened)


def _units(number: int) -> str:
    return f"{number:,} unit" if number == 1 else f"{number:,} units"


def _said(text: str) -> Statement:
    return Statement(text=text, citations=(DISCARDED,))
