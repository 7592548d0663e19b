"""The settings that each process gets on one machine: the same names that an operator sets in production."""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from urllib.parse import quote

from deploy.local.issuer.settings import WEB_CLIENT, IssuerSettings
from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.servers import Servers
from deploy.local.settings import LocalSettings
from deploy.local.state import State
from services.search.adapters.table_files import TableFiles
from shared.listening import host_and_port

SERVICES = ("metering", "catalog", "search")
"""In the order in which they start; the gateway starts last and stops first."""


@dataclass(frozen=True)
class Environment:
    """Where everything is on this machine."""

    state: State
    servers: Servers
    keys: Keys
    settings: LocalSettings

    def of(self, process: str) -> Mapping[str, str]:
        """The environment of one service or of the gateway."""
        own = {"gateway": self._gateway, "search": self._search}
        return own[process]() if process in own else self._service(process)

    def issuer(self) -> IssuerSettings | None:
        """The settings of the built-in issuer; None where servers or sign-in are somebody else's."""
        if not isinstance(self.servers, EmbeddedPostgres) or self.settings.oidc_issuer:
            return None
        return IssuerSettings(
            public_url=self.settings.public_url,
            database_url=self.servers.url("identity"),
            events_url=self.servers.events_url,
            signing_keys=self.keys.issuer_private,
            form_key=self.keys.issuer_forms,
            web_client_secret=self.keys.web_client,
            demo_accounts=self.keys.demo_accounts,
            audience=self.keys.AUDIENCE,
            mail_url=self.mail_url(),
            verify_email=self.settings.verify_email,
        )

    def mail_url(self) -> str:
        """Where mail goes: to the relay that is set, otherwise into a folder of the state."""
        return self.settings.mail_url or f"folder://{self.state.folder / 'mail'}?from=no-reply@localhost"

    def metrics_listen(self, process: str) -> str:
        """Where a process of its own tells its metrics: processes take ports in a row; none when none is set."""
        if not self.settings.metrics_listen:
            return ""
        host, port = host_and_port(self.settings.metrics_listen)
        place = f"[{host}]" if ":" in host else host
        return f"{place}:{port + (*SERVICES, 'gateway').index(process)}"

    def _common(self, process: str) -> dict[str, str]:
        return {
            "DATABASE_URL": self.servers.url(process),
            "EVENTS_URL": self.servers.events_url,
            "LOG_LEVEL": self.settings.log_level,
            "LOG_FORMAT": "console",
            "DRAIN_SECONDS": str(self.settings.drain_seconds),
            "METRICS_LISTEN": self.metrics_listen(process),
            "OTLP_ENDPOINT": self.settings.otlp_endpoint,
        }

    def _service(self, service: str) -> dict[str, str]:
        own = {"UPLOADS_FOLDER": str(self.state.uploads)} if service == "catalog" else {}
        return (
            self._common(service)
            | own
            | {
                "LISTEN": self.state.socket(service),
                "INTERNAL_TOKEN_JWKS_FILE": str(self.keys.internal_public),
            }
        )

    def _search(self) -> dict[str, str]:
        return self._service("search") | {
            "CATALOG_TARGET": self.state.socket("catalog"),
            "INTERNAL_TOKEN_KEY_FILE": str(self.keys.internal_search),
            "SEARCH_ENGINE_URL": self._search_engine(),
            "SEARCH_TABLE_FOLDER": str(self._search_tables),
        }

    @property
    def _search_tables(self) -> Path:
        return self.state.folder / "search" / "table"

    @property
    def has_searched(self) -> bool:
        """Whether words are found at once; a first start, and one after an upgrade, build the index in a minute."""
        return TableFiles(self._search_tables).answers_at_once()

    def _search_engine(self) -> str:
        if isinstance(self.servers, EmbeddedPostgres):
            return f"tantivy://{quote(str(self.state.folder / 'search' / 'index'))}"
        return self.settings.elasticsearch_url

    def _gateway(self) -> dict[str, str]:
        return self._common("gateway") | {
            "HOST": self.settings.host,
            "PORT": str(self.settings.port),
            "PUBLIC_URL": self.settings.public_url,
            "CATALOG_TARGET": self.state.socket("catalog"),
            "METERING_TARGET": self.state.socket("metering"),
            "SEARCH_TARGET": self.state.socket("search"),
            "INTERNAL_TOKEN_KEY_FILE": str(self.keys.internal_private),
            "GUEST_COOKIE_KEYS_FILE": str(self.keys.guest_cookie),
            "NETWORK_KEY_FILE": str(self.keys.network),
            "SESSION_KEYS_FILE": str(self.keys.session),
            "OIDC_AUDIENCE": self.keys.AUDIENCE,
            "OIDC_CLIENT_ID": WEB_CLIENT,
            **self._sign_in(),
        }

    def _sign_in(self) -> dict[str, str]:
        """Where people sign in: at the issuer that OIDC_ISSUER names, otherwise at the built-in one.

        On servers of one's own there is no built-in issuer; tokens of the command `token` are taken nevertheless.
        """
        beside = {
            "MAIL_URL": self.mail_url(),
            "LOCAL_CHECKOUT": "1" if self.settings.public_url.startswith("http://localhost:") else "0",
        }
        if self.settings.oidc_issuer:
            return beside | {
                "OIDC_ISSUER": self.settings.oidc_issuer,
                "OIDC_ALGORITHMS": "RS256,ES256",
                "OIDC_CLIENT_SECRET_FILE": str(self.settings.oidc_client_secret_file),
                **self._removal(),
            }
        own = {
            "OIDC_ISSUER": self.keys.issuer(self.settings.public_url),
            "OIDC_JWKS_FILE": str(self.keys.issuer_public),
            "OIDC_ALGORITHMS": "ES256",
        }
        if not self.issuer():
            return beside | own
        built_in = {"OIDC_CLIENT_SECRET_FILE": str(self.keys.web_client), "ISSUER_HEARS_DELETIONS": "1"}
        return beside | own | built_in

    def _removal(self) -> dict[str, str]:
        """How accounts are removed at a Keycloak, when its Admin API is named."""
        if not self.settings.keycloak_admin_url:
            return {}
        return {
            "KEYCLOAK_ADMIN_URL": self.settings.keycloak_admin_url,
            "KEYCLOAK_ADMIN_SECRET_FILE": str(self.settings.keycloak_admin_secret_file),
        }


def as_fields(environment: Mapping[str, str]) -> dict[str, str]:
    """Environment names as the field names of a settings class."""
    return {name.lower(): value for name, value in environment.items()}
