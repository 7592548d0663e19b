"""The settings that every service has. A service adds its own in a subclass and reads the environment once."""

from pathlib import Path
from typing import Literal

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class KitSettings(BaseSettings):
    """Read from environment variables that bear the fields' names in capitals, or given as keywords."""

    model_config = SettingsConfigDict(frozen=True, extra="ignore")

    database_url: str = Field(description="PostgreSQL database of this service, postgresql://user@host/name.")
    events_url: str = Field(description="Event log: kafka://host:port, or postgres:// of its own database.")
    listen: str = Field(default="127.0.0.1:50051", description="gRPC address: host:port or unix:/path.sock.")
    internal_token_jwks_file: Path = Field(description="Public keys (JWKS) of the internal tokens.")
    log_level: Literal["debug", "info", "warning", "error"] = Field(
        default="info", description="Least level that is logged."
    )
    log_format: Literal["json", "console"] = Field(default="json", description="How log lines are written.")
    metrics_listen: str = Field(
        default="", description="Address host:port for /metrics, /healthz and /readyz; none when empty."
    )
    drain_seconds: float = Field(default=20.0, gt=0, description="Longest wait for calls in flight at a stop, seconds.")
