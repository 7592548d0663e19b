"""The reference says what the code does."""

from tests.contract.reference import TARGET, reference


def test_the_reference_agrees_with_the_code() -> None:
    assert TARGET.read_text() == reference(), "docs/reference.md is behind the code: renew it with `make docs`"
