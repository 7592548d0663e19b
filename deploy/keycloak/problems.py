"""What can go wrong with a Keycloak from outside, each as one sentence with what to do."""

from __future__ import annotations

import json
from collections.abc import Iterator
from contextlib import contextmanager

from keycloak.exceptions import KeycloakAuthenticationError, KeycloakConnectionError, KeycloakError
from requests.exceptions import RequestException


class Problem(Exception):
    """A condition that the operator has to change; its text says how."""


@contextmanager
def told(url: str) -> Iterator[None]:
    """Raise Problem for whatever Keycloak or the way to it refuses."""
    try:
        yield
    except (KeycloakConnectionError, RequestException) as error:
        raise Problem(f"Keycloak does not answer at {url}: start it, or name another with KEYCLOAK_URL.") from error
    except KeycloakAuthenticationError as error:
        raise Problem(
            f"Keycloak at {url} refuses the administrator: check KEYCLOAK_ADMIN_USER and KEYCLOAK_ADMIN_PASSWORD_FILE."
        ) from error
    except KeycloakError as error:
        raise Problem(f"Keycloak at {url} refuses ({error.response_code}): {_said(error)}.") from error


def _said(error: KeycloakError) -> str:
    """Keycloak's own words."""
    try:
        answer = json.loads(error.response_body or b"{}")
        words = answer.get("errorMessage") or answer.get("error_description") or answer.get("error")
    except (ValueError, AttributeError):
        words = None
    return str(words or "it gives no reason").rstrip(".")
