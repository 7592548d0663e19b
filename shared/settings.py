"""The settings that every service has. A service adds its own in a subclass and reads the environment once."""

from pathlib import Path
from typing import Literal, TypeVar

from pydantic import Field, ValidationError
from pydantic_settings import BaseSettings, SettingsConfigDict

from shared.errors import CannotStart


class KitSettings(BaseSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(description="PostgreSQL database of this service, postgresql://user@host/name.")
    events_url: str = Field(description="Event log: kafka://host:port, or postgres:// of its own database.")
    listen: str = Field(default="127.0.0.1:50051", description="gRPC address: host:port or unix:/path.sock.")
    internal_token_jwks_file: Path = Field(
        description="Public keys (JWKS) of the internal tokens; read again when a token names a key that is not known."
    )
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info",
        description="Least level that is logged. At debug the texts of unforeseen exceptions are logged, which may"
        " quote a request; at the other levels they never are.",
    )
    log_format: Literal["json", "console"] = Field(default="json", description="How log lines are written.")
    metrics_listen: str = Field(
        default="", description="Address host:port for /metrics, /healthz and /readyz; none when empty."
    )
    otlp_endpoint: str = Field(
        default="",
        description="Where traces go by OTLP over HTTP, e.g. http://collector:4318/v1/traces; none when empty.",
    )
    drain_seconds: float = Field(default=20.0, gt=0, description="Longest wait for calls in flight at a stop, seconds.")


Settings = TypeVar("Settings", bound=BaseSettings)


def read_settings(settings: type[Settings]) -> Settings:
    """Read the environment; CannotStart names every variable that is missing or wrong, never its value."""
    try:
        return settings()
    except ValidationError as error:
        raise CannotStart("\n".join(_complaints(settings, error))) from None


def read_setting_file(name: str, path: Path) -> str:
    """Read the text file that a setting names; CannotStart says why it cannot be read."""
    try:
        return path.read_text(encoding="utf-8")
    except UnicodeDecodeError:
        raise CannotStart(f"The file of {name}, {path}, is no text.") from None
    except OSError as error:
        raise CannotStart(f"The file of {name} cannot be read: {path}: {error.strerror}.") from None


def _complaints(settings: type[BaseSettings], error: ValidationError) -> list[str]:
    sentences = []
    for complaint in error.errors(include_input=False, include_url=False):
        name = str(complaint["loc"][0]) if complaint["loc"] else ""
        field = settings.model_fields.get(name)
        wrong = "is not set" if complaint["type"] == "missing" else f"is wrong: {complaint['msg']}"
        meaning = f" ({field.description.rstrip('.')})" if field is not None and field.description else ""
        sentences.append(f"The setting {name.upper()} {wrong}{meaning}." if name else f"{complaint['msg']}.")
    return sentences
