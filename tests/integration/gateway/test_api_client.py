"""The document makes a client that works: drawn by a public generator and used against the running gateway."""

from __future__ import annotations

import asyncio
import importlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from tests.integration.gateway.rooms import Rooms

SCOPES = ["codes:browse", "codes:read", "meter:read"]


def _generate(document: dict[str, object], folder: Path) -> None:
    """Draw the package `made_client` into a folder."""
    source = folder / "openapi.json"
    source.write_text(json.dumps(document))
    command = [sys.executable, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning"]
    command += ["--path", str(source), "--output-path", str(folder / "made_client")]
    environment = os.environ | {"PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}"}  # it formats with ruff
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, check=False, env=environment)
    assert done.returncode == 0, done.stdout + done.stderr


async def test_a_generated_client_reads_codes_the_meter_and_problems(
    rooms: Rooms, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        document = (await client.get("/api/openapi.json")).json()
        made = await client.post(
            "/api/v1/keys", json={"name": "client", "scopes": SCOPES}, headers=rooms.account("ada") | rooms.once()
        )
    await asyncio.to_thread(_generate, document, tmp_path)
    monkeypatch.syspath_prepend(str(tmp_path))
    package = importlib.import_module("made_client")
    one_code = importlib.import_module("made_client.api.code_pages.one_code")
    list_codes = importlib.import_module("made_client.api.code_pages.list_codes")
    meter = importlib.import_module("made_client.api.meter.meter")
    async with package.AuthenticatedClient(base_url=rooms.url, token=made.json()["secret"]) as client:
        code = await one_code.asyncio(system="icd10cm", code="S09.0", client=client)
        level = await list_codes.asyncio(system="icd10cm", client=client)
        unknown = await one_code.asyncio(system="icd10cm", code="S99.99", client=client)
        standing = await meter.asyncio(client=client)
    assert (code.display_code, code.standing.granted) == ("S09.0", True)
    assert len(level.codes) > 0
    assert (type(unknown).__name__, unknown.reason) == ("Problem", "CODE_UNKNOWN")
    assert (standing.used, standing.remaining) == (1, 4)


async def test_every_answer_and_credential_of_every_operation_is_documented(rooms: Rooms) -> None:
    async with httpx.AsyncClient(base_url=rooms.url) as client:
        document = (await client.get("/api/openapi.json")).json()
    schemes = document["components"]["securitySchemes"]
    assert (schemes["apiKey"]["scheme"], schemes["clientCredentials"]["type"]) == ("bearer", "oauth2")
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            where = (method, path)
            assert {"400", "401", "403", "429", "503"} <= set(operation["responses"]), where
            assert operation["responses"]["429"]["content"]["application/problem+json"]["schema"] == {
                "$ref": "#/components/schemas/Problem"
            }, where
            assert operation["security"], where
    assert {} in document["paths"]["/api/v1/codes"]["get"]["security"]
    assert {} not in document["paths"]["/api/v1/keys"]["get"]["security"]
