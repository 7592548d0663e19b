"""A service says in sentences which of its settings are missing or wrong, and never repeats a value."""

import pytest
from pydantic import Field

from shared.errors import CannotStart
from shared.settings import KitSettings, read_settings


class Settings(KitSettings):
    """Settings of a service of the tests."""

    pages: int = Field(default=1, ge=1, description="Pages of a guest.")


GOOD = {
    "DATABASE_URL": "postgresql://user:open-sesame@host/name",
    "EVENTS_URL": "kafka://host:9092",
    "INTERNAL_TOKEN_JWKS_FILE": "/keys",
}


@pytest.fixture(autouse=True)
def environment(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    for name in Settings.model_fields:
        monkeypatch.delenv(name.upper(), raising=False)
    for name, value in GOOD.items():
        monkeypatch.setenv(name, value)
    return monkeypatch


def test_variables_bear_the_names_of_the_fields_in_capitals(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PAGES", "3")
    assert read_settings(Settings).pages == 3


def test_every_missing_variable_is_named_with_its_meaning(environment: pytest.MonkeyPatch) -> None:
    environment.delenv("EVENTS_URL")
    environment.delenv("DATABASE_URL")
    with pytest.raises(CannotStart) as problem:
        read_settings(Settings)
    sentences = str(problem.value).splitlines()
    assert len(sentences) == 2
    assert sentences[0].startswith("The setting DATABASE_URL is not set (PostgreSQL database of this service")


def test_a_wrong_variable_is_named_and_its_value_is_not(environment: pytest.MonkeyPatch) -> None:
    environment.setenv("PAGES", "open-sesame")
    with pytest.raises(CannotStart, match="PAGES is wrong") as problem:
        read_settings(Settings)
    assert "open-sesame" not in str(problem.value)


def test_settings_may_be_given_as_keywords() -> None:
    assert Settings(pages=7).pages == 7


def test_every_setting_is_described() -> None:
    assert [name for name, field in KitSettings.model_fields.items() if not field.description] == []
