"""The OpenAPI document: what FastAPI draws, with credentials by the table of rights, and problems as one schema."""

from typing import Any

from fastapi import FastAPI
from fastapi.routing import APIRoute

from gateway.api.claim_models import schemas as claim_schemas
from gateway.api.problem_answers import Problem
from gateway.rights import ROLES, ROUTES, Right, Who

KEY, CLIENT, ACCOUNT = "apiKey", "clientCredentials", "accessToken"


class ApiApplication(FastAPI):
    """FastAPI with our document."""

    issuer = ""
    """The issuer whose tokens are accepted."""

    def openapi(self) -> dict[str, Any]:
        """Draw the document once."""
        if self.openapi_schema is None:
            document = super().openapi()
            _complete(document, self.issuer)
        return super().openapi()


def operation_id(route: APIRoute) -> str:
    """Name an operation by its function: it becomes the name of a function in generated clients."""
    return route.name


def _complete(document: dict[str, Any], issuer: str) -> None:
    components = document.setdefault("components", {})
    components.setdefault("schemas", {})["Problem"] = Problem.model_json_schema()
    components["schemas"] |= claim_schemas()
    components["securitySchemes"] = {
        KEY: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "ca_live_...",
            "description": "An API key of an account, made at /account/keys.",
        },
        ACCOUNT: {
            "type": "http",
            "scheme": "bearer",
            "bearerFormat": "JWT",
            "description": "An access token of the issuer for an account. In the browser the session does.",
        },
        CLIENT: {
            "type": "oauth2",
            "description": "A partner's own client at the issuer; its secret or private_key_jwt.",
            "flows": {
                "clientCredentials": {"tokenUrl": f"{issuer}/protocol/openid-connect/token", "scopes": {}},
            },
        },
    }
    for path, operations in document["paths"].items():
        for method, operation in operations.items():
            _credentials(operation, ROUTES[f"{method.upper()} {path}"])
            if method == "get":
                _tags(operation)


def _tags(operation: dict[str, Any]) -> None:
    """Say that an answer carries a tag, and that who sends it back is not sent the same again."""
    about = "Of an answer that the caller holds; the same one is not sent again."
    operation.setdefault("parameters", []).append(
        {"name": "if-none-match", "in": "header", "required": False, "description": about, "schema": {"type": "string"}}
    )
    operation["responses"]["304"] = {"description": "The answer that the caller holds has not changed."}
    operation["responses"]["200"].setdefault("headers", {})["ETag"] = {
        "description": "Names these bytes, for If-None-Match; not on answers that nobody may keep.",
        "schema": {"type": "string"},
    }


def _credentials(operation: dict[str, Any], right: Right) -> None:
    """Say which credentials an operation takes; an empty one stands for none."""
    ways: list[dict[str, list[str]]] = []
    if right.for_keys:
        ways.append({KEY: []})
        operation["description"] = f"{operation.get('description', '')}\n\nScope of API keys: `{right.name}`.".strip()
    if right.who & {Who.ACCOUNT, *ROLES}:
        ways.append({ACCOUNT: []})
    if not right.who & {Who.ACCOUNT, Who.GUEST, Who.PARTNER}:
        who = " or ".join(sorted(right.who))
        operation["description"] = f"{operation.get('description', '')}\n\nFor the role {who} alone.".strip()
    if Who.PARTNER in right.who:
        ways.append({CLIENT: []})
    if Who.GUEST in right.who:
        ways.append({})
    operation["security"] = ways
