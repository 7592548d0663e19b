"""Gives the texts as they are an edition: `python -m services.catalog.content.new_edition 2026-11`.

Without a month it tells whether the texts changed since their edition, and then ends with status 1.
"""

import sys
from pathlib import Path

import yaml

from services.catalog.content.edition import CONTENT_FOLDER, EDITION_FILE, ContentEdition, content_files, digest_of

_HEADER = "# The edition of our texts; written by `python -m services.catalog.content.new_edition YYYY-MM`.\n"


def stamp(folder: Path, month: str) -> ContentEdition:
    """Give the texts as they are an edition; raises ValueError for what is no month."""
    edition = ContentEdition.model_validate(
        {
            "edition": month,
            "effective_from": f"{month}-01",
            "digest": digest_of(folder, content_files(folder)),
        }
    )
    text = _HEADER + yaml.safe_dump(edition.model_dump(mode="json"), sort_keys=False)
    (folder / EDITION_FILE).write_text(text, encoding="utf-8")
    return edition


def main(arguments: list[str]) -> int:
    """Stamp the repository's own texts, or tell whether they changed since their edition."""
    if arguments:
        try:
            edition = stamp(CONTENT_FOLDER, arguments[0])
        except ValueError:
            print(f'"{arguments[0]}" is no month; an edition is a month such as 2026-11.')  # noqa: T201
            return 2
        print(f"The texts are edition {edition.edition}.")  # noqa: T201
        return 0
    raw = yaml.safe_load((CONTENT_FOLDER / EDITION_FILE).read_text(encoding="utf-8"))
    edition = ContentEdition.model_validate(raw)
    name = edition.name(digest_of(CONTENT_FOLDER, content_files(CONTENT_FOLDER)))
    print(f"The texts are edition {name}.")  # noqa: T201
    return 0 if name == edition.edition else 1


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
