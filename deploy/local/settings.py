"""Settings of the one-machine profile, read from the environment once."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class LocalSettings(BaseSettings):
    """What a person may choose when everything runs on one machine."""

    state: Path = Field(default=Path("var"), description="Folder that holds everything kept on this machine.")
    host: str = Field(default="127.0.0.1", description="Address that the gateway listens on.")
    port: int = Field(default=8080, ge=1, le=65535, description="Port that the gateway listens on.")
    drain_seconds: float = Field(
        default=10.0, gt=0, description="Longest wait for calls in flight at a stop, in seconds."
    )
    postgres_url: str = Field(
        default="postgresql://postgres:postgres@127.0.0.1:5432/postgres",
        description="PostgreSQL server of the production profile, with any database of it.",
    )
    kafka_url: str = Field(
        default="kafka://127.0.0.1:9092", description="Apache Kafka of the production profile, as EVENTS_URL."
    )
    elasticsearch_url: str = Field(
        default="http://127.0.0.1:9200", description="Elasticsearch of the production profile, as SEARCH_ENGINE_URL."
    )
    log_level: str = Field(default="warning", description="Least level that is logged: debug, info, warning or error.")

    metrics_listen: str = Field(
        default="",
        description="Address host:port for /metrics, /healthz and /readyz; with --split the first of four ports in a"
        " row, for metering, catalog, search and the gateway. None when empty.",
    )
    otlp_endpoint: str = Field(
        default="",
        description="Where traces go by OTLP over HTTP, e.g. http://127.0.0.1:4318/v1/traces; none when empty.",
    )

    oidc_issuer: str = Field(
        default="",
        description="Issuer to sign in at instead of the built-in one, e.g."
        " https://keycloak.example.org/realms/codingahead.",
    )
    oidc_client_secret_file: Path = Field(
        default=Path("web-client.secret"), description="Secret of the site's client at OIDC_ISSUER."
    )
    keycloak_admin_url: str = Field(
        default="",
        description="Keycloak whose Admin API removes deleted accounts, when OIDC_ISSUER is one of its realms.",
    )
    keycloak_admin_secret_file: Path = Field(
        default=Path("accounts-client.secret"),
        description="Secret of the client coding-ahead-accounts, which may manage users there.",
    )
    mail_url: str = Field(
        default="",
        description="Mail relay, e.g. smtp://host:25?from=address; when empty, mails lie in STATE/mail and are read at"
        " /local/mail.",
    )
    verify_email: bool = Field(
        default=False,
        description="Whether a new account of the built-in sign-in must verify its address by mail before it signs in.",
    )

    @property
    def public_url(self) -> str:
        """The address a browser uses."""
        host = "localhost" if self.host in ("127.0.0.1", "0.0.0.0", "::", "::1") else self.host  # noqa: S104
        return f"http://{host}:{self.port}"
