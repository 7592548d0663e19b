"""Payment indicators are told in words, and a value that nobody explained is not guessed at."""

from services.catalog.pages.indicators import UNEXPLAINED, fee_indicators
from tests.unit.catalog.small_content import fee_row


def told(**changes: str) -> dict[str, tuple[str, str]]:
    """The indicators of a row by name, each with value and meaning."""
    row = {name: value for name, value in fee_row("").items() if isinstance(value, str)}
    return {each.name: (each.value, each.meaning) for each in fee_indicators(row | changes)}


def test_supervision_imaging_family_and_endoscopic_base_are_told() -> None:
    indicators = told(supervision="02", imaging_family="88", endoscopic_base="45378")
    assert indicators["Diagnostic supervision"][1].startswith("Direct supervision")
    assert indicators["Diagnostic imaging family"][1].startswith("Subject to the reduction")
    assert indicators["Endoscopic base code"] == (
        "45378",
        "45378 is the base code of the family of endoscopies that this code belongs to",
    )


def test_a_row_without_a_base_code_names_none() -> None:
    assert "Endoscopic base code" not in told()


def test_an_unknown_value_is_shown_and_not_explained() -> None:
    assert told(supervision="ZZ")["Diagnostic supervision"] == ("ZZ", UNEXPLAINED)
