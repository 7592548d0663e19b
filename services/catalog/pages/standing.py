"""The standing of a code on a day, and its history through the editions that are loaded, in sentences."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import date

from services.catalog import answers
from services.catalog.pages.parts import statement
from services.catalog.validity import Change, Days, Kind, Presence, changes, days_of


@dataclass(frozen=True, slots=True)
class Standing:
    """How a code stands in its code set on a day."""

    display: str
    name: str
    """The code set's, for readers."""
    editions: Sequence[Presence]
    """Those of the code set that are loaded, oldest first."""
    asked: date | None
    """The date of service; None where today is meant."""
    today: date

    def status(self) -> answers.CodeStatus:
        """Whether the code is valid."""
        days = days_of(self.editions, self.asked or self.today)
        return answers.CodeStatus(
            validity=_VALIDITY[days.valid],
            asked=self.asked,
            sentence=self._sentence(days),
            first_day=days.first_day,
            last_day=days.last_day,
        )

    def _sentence(self, days: Days) -> str:
        if days.valid is None:
            return self._unknown(self.asked) if self.asked else ""
        stale = ", the last that had begun of those loaded here, though it had ended by then" if days.stale else ""
        if days.valid:
            return f"Valid on {_day(self.asked)}, by {self.name} {days.edition}{stale}." if self.asked else ""
        when = f" on {_day(self.asked)}" if self.asked else ""
        because = _because(days, self.asked or self.today)
        return f"{self.display} is not valid{when}{because}, by {self.name} {days.edition}{stale}."

    def _unknown(self, asked: date) -> str:
        oldest = next((edition for edition in self.editions if edition.begins is not None), None)
        if oldest is None or oldest.begins is None:
            return (
                f"What is loaded here does not tell whether the code was valid on {_day(asked)}: no edition has dates."
            )
        return (
            f"No edition of {self.name} that is loaded here reaches back to {_day(asked)}; the oldest, "
            f"{oldest.edition}, begins on {_day(oldest.begins)}. What follows is of that edition."
        )


_VALIDITY = {
    True: answers.Validity.VALID,
    False: answers.Validity.NOT_VALID,
    None: answers.Validity.UNKNOWN,
}


def _because(days: Days, day: date) -> str:
    if days.last_day is not None and days.last_day < day:
        return f": its last day was {_day(days.last_day)}"
    if days.first_day is not None and day < days.first_day:
        return f": its first day is {_day(days.first_day)}"
    return ""


def history(editions: Sequence[Presence], title: str) -> Iterator[answers.HistoryEvent]:
    """What happened to the code between the editions that are loaded, newest first."""
    for change in reversed(list(changes(editions))):
        source = answers.Citation(title=title, edition=change.edition)
        yield answers.HistoryEvent(date=change.day, event=statement(_told(change), source))


def _told(change: Change) -> str:
    match change.kind:
        case Kind.ADDED:
            return "Added."
        case Kind.DELETED:
            return "Deleted: this is the first day on which it is not valid."
        case Kind.REVISED:
            return f"Title revised from “{change.before}” to “{change.after}”."
        case Kind.DIVIDED:
            return "Divided: it became a header, and a code below it is reported."
        case Kind.COMPLETED:
            return "Became reportable itself."


def editions_sentence(name: str, editions: Sequence[Presence]) -> str:
    """What the history draws on."""
    dated = [edition for edition in editions if edition.begins is not None]
    if not dated:
        return f"No edition of {name} with dates is loaded here, so nothing is known of the code's history."
    if len(dated) == 1:
        return f"One edition of {name} is loaded here, {dated[0].edition}: what earlier ones said is not known here."
    names = f"{dated[0].edition} to {dated[-1].edition}"
    return f"The history is drawn from the {len(dated)} editions of {name} that are loaded here, {names}."


def _day(day: date) -> str:
    return f"{day:%B} {day.day}, {day.year}"
