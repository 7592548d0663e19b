"""The sign-in pages of Keycloak have the site's own look."""

from tests.contract.theme import drawn


def test_the_theme_has_the_style_sheets_of_the_site() -> None:
    for file, content in drawn().items():
        assert file.read_bytes() == content, f"{file} is behind the site: renew it with `make theme`"
