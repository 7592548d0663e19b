"""Draws what Keycloak's theme has of the site: its style sheets as one file, and its icon.

`python -m tests.contract.theme` renews the files; test_theme.py fails when they and the site's disagree.
"""

from pathlib import Path

ROOT = Path(__file__).parents[2]
WEB = ROOT / "gateway" / "web"
RESOURCES = ROOT / "deploy" / "keycloak" / "themes" / "coding-ahead" / "login" / "resources"
SHEETS = ("1-tokens.css", "2-base.css", "3-frame.css", "4-components.css")
"""What every page has; the others are for pages that Keycloak has not."""


def drawn() -> dict[Path, bytes]:
    """The theme's files and what they must hold."""
    sheets = b"\n".join((WEB / "css" / name).read_bytes() for name in SHEETS)
    return {
        RESOURCES / "css" / "site.css": sheets,
        RESOURCES / "img" / "icon.svg": (WEB / "static" / "icon.svg").read_bytes(),
    }


if __name__ == "__main__":
    for file, content in drawn().items():
        file.write_bytes(content)
