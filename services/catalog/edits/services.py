"""What kind of service a code is, as far as modifiers ask: a visit, a laboratory test, a procedure.

Code ranges are those of the NCCI Policy Manual 2026: ch. XI, U for visits, ch. X for laboratory, ch. II for
anesthesia.
"""

from functools import lru_cache

VISIT, LABORATORY_TEST, ANESTHESIA, PROCEDURE = "visit", "laboratory test", "anesthesia", "procedure"
"""Kinds of services."""
_OF_EYES = frozenset({"92002", "92004", "92012", "92014"})
_HCPCS_VISITS = (
    ("G0076", "G0085"), ("G0245", "G0246"), ("G0316", "G0318"), ("G0380", "G0384"), ("G0402", "G0402"),
    ("G0406", "G0408"), ("G0425", "G0427"), ("G0438", "G0439"), ("G0463", "G0463"), ("G0466", "G0470"),
    ("G0508", "G0509"), ("G2001", "G2009"), ("G2013", "G2013"), ("G2212", "G2212"), ("G9481", "G9489"),
    ("G9978", "G9987"),
)  # fmt: skip
"""First and last codes of HCPCS Level II whose official text speaks of a visit, of evaluation and management or of a
consultation, as CMS publishes it. G2211 is none: it stands beside a visit."""


@lru_cache(maxsize=20_000)
def is_visit(code: str) -> bool:
    """Whether it is an evaluation and management service: 99201 to 99499, visits of eyes, and those of HCPCS."""
    if code.isdigit():
        return code in _OF_EYES or "99201" <= code <= "99499"
    return any(first <= code <= last for first, last in _HCPCS_VISITS)


@lru_cache(maxsize=20_000)
def is_laboratory_test(code: str) -> bool:
    """Whether it is a clinical laboratory test: 80000s, proprietary analyses (U) and algorithms (M)."""
    return (code.isdigit() and code.startswith("8")) or (code[:4].isdigit() and code[4:] in {"U", "M"})


def is_anesthesia(code: str) -> bool:
    """Whether it is an anesthesia service: 00100 to 01999."""
    return code.isdigit() and "00100" <= code <= "01999"


def is_procedure(code: str) -> bool:
    """Whether it can be a procedure in the postoperative period of another one."""
    return service_of(code) == PROCEDURE


@lru_cache(maxsize=20_000)
def service_of(code: str) -> str:
    """Which kind of service a code is."""
    if is_visit(code):
        return VISIT
    if is_laboratory_test(code):
        return LABORATORY_TEST
    return ANESTHESIA if is_anesthesia(code) else PROCEDURE
