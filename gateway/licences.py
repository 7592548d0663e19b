"""The terms under which licensed official text is shown, in our own words, by the licence that the policy names."""

from dataclasses import dataclass

from shared.errors import FailedPrecondition, NotFound


@dataclass(frozen=True, slots=True)
class LicenceTerms:
    """What a reader accepts before official text of a code set is shown."""

    licence: str
    """Its name in the reading policy."""
    title: str
    publisher: str
    edition: str
    """Changes with the statements, so that an acceptance says which of them were read."""
    statements: tuple[str, ...]

    def check_edition(self, edition: str) -> None:
        """FailedPrecondition unless these are the terms that the reader has seen."""
        if edition != self.edition:
            raise FailedPrecondition(
                "TERMS_OUTDATED",
                f"terms_edition: the terms in force are edition {self.edition}. Read them and accept that edition.",
            )


def _terms(licence: str, system: str, publisher: str) -> LicenceTerms:
    return LicenceTerms(
        licence=licence,
        title=f"{system} descriptors",
        publisher=publisher,
        edition="1",
        statements=(
            f"The official {system} text belongs to the {publisher}, and is shown under the licence of this site.",
            "You read it for your own work. You do not copy, publish, sell or pass it on beyond your own licence.",
            "You keep the copyright line with the text wherever you use it.",
            "Each display to you is counted, and the operator may report the counts to the publisher.",
            "The text comes as it is. Neither the publisher nor the operator answers for what is billed by it.",
        ),
    )


LICENCES = {
    terms.licence: terms
    for terms in (
        _terms("ama-cpt", "CPT", "American Medical Association"),
        _terms("ada-cdt", "CDT", "American Dental Association"),
    )
}
"""By the name in the reading policy."""


def terms_of(licence: str) -> LicenceTerms:
    """Give the terms of a licence; NotFound names the ones there are."""
    terms = LICENCES.get(licence)
    if terms is None:
        raise NotFound("LICENCE_UNKNOWN", f"There is no licence {licence[:40]!r}: there are {', '.join(LICENCES)}.")
    return terms
