"""One row of the lexicon: what a coder types, what a title says instead, and who says that they mean the same."""

from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """Why the two sides mean the same."""

    ABBREVIATION = "abbreviation"
    """Matches whole tokens only; a term with several rows is ambiguous, and every row is a reading."""
    LAY = "lay"
    SYNONYM = "synonym"
    BRAND = "brand"
    EPONYM = "eponym"
    PROCEDURE = "procedure"
    """A procedure's everyday words."""
    ICD10PCS = "icd10pcs"
    """A word of surgeons as root operation and body part of ICD-10-PCS, which is the coder's to tell (Guidelines A11;
    its Alphabetic Index and Body Part Key). A term with several rows is ambiguous. In all code sets it holds where
    nothing that is valid says the word itself."""
    SELF_TAKEN = "self-taken"
    """A drug that patients take themselves, and how its long-term use is coded: HCPCS Level II has codes for drugs that
    are given, and for few that are taken at home (Medicare Benefit Policy Manual, ch. 15 section 50.2)."""
    ANATOMY = "anatomy"
    """An adjective and its organ; holds in both directions, as nothing else does."""
    SPELLING = "spelling"
    """A British spelling of a part of a word; part of a word's normal form, never a reading."""
    PLURAL = "plural"
    """A plural that no rule makes; part of a word's normal form, never a reading."""


class Scope(StrEnum):
    """The code sets in which the expansion is looked for."""

    ANY = "any"
    DIAGNOSIS = "diagnosis"
    PROCEDURE = "procedure"
    DRUG = "drug"


class Match(StrEnum):
    """How the term has to stand in what is typed."""

    ANY = "any"
    """In any case."""
    CAPITALS = "capitals"
    """In capitals only, because in small letters it is another word (AS, ALL, SOB at the start of a sentence)."""
    WHOLE = "whole"
    """When nothing else is typed: a word that many titles share, for what it is when no more is said of it."""
    WITHIN = "within"
    """Where the code set of its source alone is searched: in all of them the term leads to another one."""
    START = "start"
    """Of spellings: at the start of a word; likewise the rest."""
    INSIDE = "inside"
    END = "end"
    WORD = "word"


PART_OF_A_WORD = frozenset({Match.START, Match.INSIDE, Match.END, Match.WORD})

_REASONS = {
    Kind.ABBREVIATION: "“{term}” is short for “{expansion}”",
    Kind.LAY: "“{term}” is an everyday word for “{expansion}”",
    Kind.SYNONYM: "“{term}” means “{expansion}”",
    Kind.BRAND: "“{term}” is a brand of {expansion}",
    Kind.EPONYM: "“{term}” is a name for “{expansion}”",
    Kind.PROCEDURE: "“{term}” is an everyday word for “{expansion}”",
    Kind.ICD10PCS: "“{term}” is “{expansion}” in ICD-10-PCS",
    Kind.SELF_TAKEN: "“{term}” is taken at home and as a rule has no HCPCS Level II code; its long-term use is coded",
    Kind.ANATOMY: "“{term}” and “{expansion}” are words for one part of the body",
    Kind.SPELLING: "“{term}” is the British spelling of “{expansion}”",
    Kind.PLURAL: "“{term}” is the plural of “{expansion}”",
}


_OF_PROCEDURES = frozenset({Kind.PROCEDURE, Kind.ICD10PCS})
_OF_CODES = frozenset({"house", "hcpcs", "icd10pcs"})
"""Sources by the codes whose titles or texts the expansions are taken from."""


@dataclass(frozen=True, slots=True)
class Row:
    """One term with one reading of it."""

    term: str
    kind: Kind
    expansion: str
    match: Match
    scope: Scope
    source: str
    """Key of a publication in sources.csv, with what is cited of it behind a colon."""

    @property
    def system(self) -> str:
        """The code set in whose words the expansion of a procedure is, where the source names a code of it; otherwise
        empty.
        """
        publication, _, code = self.source.partition(": ")
        if self.kind not in _OF_PROCEDURES or publication not in _OF_CODES:
            return ""
        return "icd10pcs" if publication == "icd10pcs" else "cpt" if code[:1].isdecimal() else "hcpcs"

    @property
    def reason(self) -> str:
        """The sentence a reader sees where this row led to a result."""
        return _REASONS[self.kind].format(term=self.term, expansion=self.expansion)

    def reversed(self) -> "Row":
        """Give the row read from right to left."""
        return Row(self.expansion, self.kind, self.term, self.match, self.scope, self.source)
