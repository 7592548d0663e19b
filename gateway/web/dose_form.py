"""The form of a dose, on the page of a drug's code and on the page that counts it."""

from dataclasses import dataclass

from starlette.datastructures import QueryParams

SIZES = 3
"""Fields for sizes of containers."""
LONGEST = 40
MEASURES = {
    "mcg": "mcg",
    "mg": "mg",
    "g": "g",
    "ml": "ml",
    "l": "l",
    "units": "units of the drug",
    "meq": "mEq",
    "uci": "microcuries",
    "mci": "millicuries",
    "cm2": "square centimeters",
    "vials": "vials",
    "doses": "doses",
    "treatments": "treatments",
}
"""By their ids in the contract."""


@dataclass(frozen=True, slots=True)
class DoseForm:
    """A filled-in form."""

    dose: str = ""
    measure: str = ""
    container: str = "single-dose"
    vials: tuple[str, ...] = ()
    date: str = ""

    @classmethod
    def of(cls, query: QueryParams) -> "DoseForm":
        """Read a form that was sent, or a link."""
        return cls(
            dose=query.get("dose", "")[:LONGEST],
            measure=query.get("measure", "")[:LONGEST],
            container=query.get("container", "single-dose")[:LONGEST],
            vials=tuple(text[:LONGEST] for text in query.getlist("vial") if text.strip())[: SIZES + 3],
            date=query.get("date", "")[:LONGEST],
        )

    @property
    def sizes(self) -> list[str]:
        """The fields for sizes, filled as far as they were."""
        return [*self.vials, *[""] * (SIZES - len(self.vials))]


def measure_words(measure: str) -> str:
    """A measure in words."""
    return MEASURES.get(measure, measure)


BLANK = DoseForm()
