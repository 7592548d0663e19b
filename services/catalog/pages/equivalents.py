"""The equivalents of a code in another classification, by the General Equivalence Mappings, with their flags in words.

What the flags mean is told in CMS's documentation of the mappings for technical users: approximate (not the same
concept), no map, combination (one of several codes needed together), scenario and choice list (which belong together).
"""

from collections.abc import Iterator

from services.catalog import answers
from services.catalog.pages.parts import Refs, citation_of, statement
from services.catalog.records import CodeRecord, Gem, Key, Known
from services.catalog.systems import SYSTEMS

KIND = "gems"
MOST = 60


def codes_named(known: Known) -> list[Key]:
    """The codes that the mappings name beside the page's own."""
    return [key for key in _partners(known) if key[1]]


def equivalents(known: Known, named: Refs) -> Iterator[answers.RelatedCode]:
    """Each equivalent once, with what the mappings of both directions say of it."""
    release = known.releases.get(KIND)
    for (system, code), gems in list(_partners(known).items())[:MOST] if release else ():
        if code and release:
            said = " ".join(_words(gem, known.place.record) for gem in gems)
            yield answers.RelatedCode(
                code=named.of(system, code), relation="equivalent", note=statement(said, citation_of(release))
            )


def notes(known: Known) -> Iterator[answers.Statement]:
    """What the mappings are worth, and where they lead nowhere."""
    release = known.releases.get(KIND)
    if release is None or not known.place.record.reportable:
        return
    source = citation_of(release)
    record = known.place.record
    for gem in known.facts.gems:
        if gem.no_map:
            yield statement(
                f"The mappings say that no code of {SYSTEMS[gem.target_system].name} corresponds to {record.display}.",
                source,
            )
    if not known.facts.gems:
        yield statement(f"{record.display} stands in none of the mappings that are loaded here.", source)
    more = len(_partners(known)) - MOST
    if more > 0:
        yield statement(f"{more:,} more equivalents are not listed.", source)
    yield statement(
        "The mappings were last updated for 2018, so codes added since are not in them. They help to find an "
        "equivalent; they do not tell how to code a record.",
        source,
    )


def _partners(known: Known) -> dict[Key, list[Gem]]:
    """The other ends of the mappings, in order, each with its mappings."""
    partners: dict[Key, list[Gem]] = {}
    own = known.place.record.key
    for gem in known.facts.gems:
        forward = (gem.system, gem.code) == own
        other = (gem.target_system, gem.target) if forward else (gem.system, gem.code)
        partners.setdefault(other, []).append(gem)
    return partners


def _words(gem: Gem, record: CodeRecord) -> str:
    forward = (gem.system, gem.code) == record.key
    there, here = SYSTEMS[gem.target_system].name, SYSTEMS[gem.system].name
    direction = f"From here, mapping to {there}:" if forward else f"From there, mapping {here} to this code:"
    closeness = "approximate" if gem.approximate else "identical"
    if not gem.combination:
        return f"{direction} {closeness}."
    return (
        f"{direction} {closeness}, one of several codes that are needed together (scenario {gem.scenario}, choice list "
        f"{gem.choice_list})."
    )
