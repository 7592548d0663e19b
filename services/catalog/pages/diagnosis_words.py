"""What an ICD-10-CM page says in plain words, drawn from the code's place in the Tabular List and from nothing else."""

from collections.abc import Iterator

from services.catalog.pages.tabular_notes import is_completed
from services.catalog.records import CodeRecord, Neighbourhood

_LEVELS = {3: "a category", 4: "a four-character subcategory", 5: "a five-character subcategory",
           6: "a six-character subcategory"}  # fmt: skip


def described(place: Neighbourhood) -> list[str]:
    """One to three sentences: what the entry is, where it stands, what completes it."""
    record = place.record
    if record.kind == "chapter":
        first = f"{record.display} of ICD-10-CM gathers the codes titled “{record.heading}”."
    elif record.kind == "block":
        first = f"{record.display} is a block of ICD-10-CM categories titled “{record.heading}”{_within(place)}."
    elif record.reportable:
        first = f"{record.display} is the ICD-10-CM diagnosis code for “{record.heading}”{_within(place)}."
    else:
        level = _LEVELS.get(len(record.code), "a subcategory")
        first = f"{record.display} is {level} of ICD-10-CM, “{record.heading}”{_within(place)}, not a code to report."
    return [" ".join([first, *_more(place)])]


def _within(place: Neighbourhood) -> str:
    above = {record.kind: record for record in place.ancestors}
    category = next((r for r in place.ancestors if r.kind == "category"), None)
    parts = []
    if category is not None:
        parts.append(f"category {category.display} ({category.heading})")
    elif "block" in above:
        parts.append(f"block {above['block'].display} ({above['block'].heading})")
    if "chapter" in above:
        parts.append(f"chapter {above['chapter'].display.removeprefix('Chapter ')} ({above['chapter'].heading})")
    return f", in {' of '.join(parts)}" if parts else ""


def _more(place: Neighbourhood) -> Iterator[str]:
    record = place.record
    if not record.reportable:
        codes = record.reportable_below
        yield f"{codes:,} more specific code{'s' if codes != 1 else ''} below it can be reported."
    if is_completed(record):
        character, meaning = record.body["extension"]
        yield f"Its seventh character, {character}, means “{meaning}”."
    places = placeholder_places(place)
    if places:
        yield f"{_x(places)} only a placeholder, which keeps the later characters in their places."


def _x(places: list[int]) -> str:
    names = [_ORDINALS[place] for place in places]
    if len(names) == 1:
        return f"The X in the {names[0]} place is"
    return f"Each X in the {', '.join(names[:-1])} and {names[-1]} places is"


_ORDINALS = {4: "fourth", 5: "fifth", 6: "sixth"}


def placeholder_places(place: Neighbourhood) -> list[int]:
    """Places (1-based) that a placeholder X fills: marked in the Tabular List, or before a seventh character."""
    record = place.record
    marked = [len(r.code) for r in (*place.ancestors, record) if r.body.get("placeholder")]
    if is_completed(record):
        marked += range(len(place.ancestors[-1].code) + 1, 7)
    return sorted({number for number in marked if number in _ORDINALS and record.code[number - 1] == "X"})


def is_other(record: CodeRecord) -> bool:
    """Whether the title begins as those of "other" codes do (Guidelines I.A.9.a)."""
    return record.heading.lower().startswith("other ")


def is_unspecified(record: CodeRecord) -> bool:
    """Whether the title says unspecified (Guidelines I.A.9.b)."""
    return "unspecified" in record.heading.lower()


def is_external_cause(record: CodeRecord) -> bool:
    """Whether the code stands in chapter 20."""
    return record.code[0] in "VWXY" or "CHAPTER-20" in record.ancestors
