"""Answers of the FHIR endpoint as it sends them."""

import json
from typing import Any

from starlette.responses import Response

from gateway.fhir.parameters import MEDIA_TYPE


def fhir_json(resource: dict[str, Any]) -> Response:
    """A resource that is not one reader's alone."""
    content = json.dumps(resource, ensure_ascii=False)
    return Response(content, media_type=MEDIA_TYPE, headers={"Cache-Control": "no-cache"})
