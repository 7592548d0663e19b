"""The house's content with a correction of a test's own, as an operator would import it."""

from __future__ import annotations

import shutil
from pathlib import Path

import yaml

from services.catalog.content import CONTENT_FOLDER

FAMILY = "em-office-visits.yaml"
CODE = "99213"


def corrected(folder: Path, words: str) -> Path:
    """Give a copy of the content, made in a folder, whose summary of CODE begins with other words."""
    copy = folder / "content"
    shutil.copytree(CONTENT_FOLDER, copy, dirs_exist_ok=True)
    family = copy / "texts" / FAMILY
    texts = yaml.safe_load(family.read_text(encoding="utf-8"))
    for entry in texts["codes"]:
        if entry["code"] == CODE:
            entry["summary"] = f"{words} {entry['summary']}"
    family.write_text(yaml.safe_dump(texts, allow_unicode=True), encoding="utf-8")
    return copy
