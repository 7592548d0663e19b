"""Every setting of the gateway, read from the environment once."""

from ipaddress import IPv4Network, IPv6Network, ip_network
from pathlib import Path
from typing import Annotated

from pydantic import Field, field_validator
from pydantic_settings import NoDecode

from shared.settings import KitSettings

Network = IPv4Network | IPv6Network


class Settings(KitSettings):
    """The gateway's own settings beside those of every service."""

    internal_token_jwks_file: Path = Field(
        default=Path(), description="Not used by the gateway, which signs internal tokens and checks none."
    )
    internal_token_key_file: Path = Field(description="Private keys (JWKS) that sign the internal tokens.")
    host: str = Field(default="127.0.0.1", description="Address that HTTP is served on.")
    port: int = Field(default=8080, ge=0, le=65535, description="Port that HTTP is served on; 0 for any.")
    public_url: str = Field(description="Address by which browsers reach the gateway, without a path.")
    catalog_target: str = Field(description="gRPC address of catalog.")
    search_target: str = Field(default="127.0.0.1:50053", description="gRPC address of search.")
    metering_target: str = Field(description="gRPC address of metering.")
    guest_cookie_keys_file: Path = Field(
        description="Keys of the guest cookie: a JSON object of version to base64 key; the highest version signs."
    )
    network_key_file: Path = Field(description="Base64 key that hashes readers' networks.")
    trusted_proxies: Annotated[tuple[Network, ...], NoDecode] = Field(
        default=(), description="Networks, separated by commas, whose X-Forwarded-For is believed."
    )
    oidc_issuer: str = Field(description="Issuer of access tokens, compared exactly.")
    oidc_audience: str = Field(default="coding-ahead", description="Audience that access tokens must name.")
    oidc_jwks_file: Path | None = Field(default=None, description="The issuer's public keys as a file (JWKS).")
    oidc_jwks_url: str = Field(default="", description="The issuer's public keys as a URL, when no file is set.")
    oidc_algorithms: str = Field(
        default="RS256,ES256", description="Signature algorithms of access tokens that are accepted, by commas."
    )
    oidc_leeway_seconds: int = Field(default=30, ge=0, le=300, description="Clock difference allowed, in seconds.")
    oidc_client_id: str = Field(default="coding-ahead-web", description="The site's client at the issuer.")
    oidc_client_secret_file: Path | None = Field(
        default=None, description="File with the secret of the site's client; without it nobody can sign in here."
    )
    oidc_backend_url: str = Field(
        default="",
        description="Address of the issuer as the gateway itself reaches it, when it is another than browsers use.",
    )
    issuer_hears_deletions: bool = Field(
        default=False,
        description="Whether the issuer itself hears gateway.account-deleted and removes accounts, as ours does.",
    )
    keycloak_admin_url: str = Field(
        default="",
        description="Address of Keycloak as the gateway reaches it, to remove deleted accounts by its Admin API.",
    )
    keycloak_admin_client_id: str = Field(
        default="coding-ahead-accounts", description="Client of the realm whose service account may manage users."
    )
    keycloak_admin_secret_file: Path | None = Field(default=None, description="File with the secret of that client.")
    second_factor_roles: str = Field(
        default="operator",
        description="Roles, by commas, that act only after a sign-in with a second factor; of operator and editor.",
    )
    second_factor_acr: str = Field(
        default="2",
        description="Values of a token's acr, by commas, that stand for a second factor; a sign-in asks for the first.",
    )
    second_factor_amr: str = Field(
        default="", description="Values of a token's amr, by commas, any of which stands for a second factor as well."
    )
    session_keys_file: Path | None = Field(
        default=None,
        description="Keys that encrypt the tokens of sessions: a JSON object of version to base64 key of 32 bytes;"
        " the highest version encrypts. Needed for sign-in.",
    )
    session_idle_seconds: int = Field(
        default=12 * 3600, ge=60, description="A session that is not used for so long ends, in seconds."
    )
    session_absolute_seconds: int = Field(
        default=30 * 86_400, ge=60, description="A session ends after so long in any case, in seconds."
    )
    session_grace_seconds: int = Field(
        default=900,
        ge=0,
        description="While the issuer is away, a session goes on for so long after its access token has expired,"
        " in seconds: nobody's roles are older than that.",
    )
    mail_url: str = Field(
        default="",
        description="Where mails go: smtp://user:password@host:port?starttls=1&from=address, smtps:// or"
        " folder:///path?from=address; without it none is sent.",
    )
    local_checkout: bool = Field(
        default=False, description="Give the plan pro to whoever presses the button; on this machine alone."
    )
    stripe_secret_key_file: Path | None = Field(default=None, description="File with the secret key of Stripe's API.")
    stripe_price: str = Field(default="", description="Stripe's id of the price of the plan pro, price_...")
    stripe_webhook_secret_file: Path | None = Field(
        default=None, description="File with the signing secrets of /webhooks/stripe, one a line; any of them holds."
    )
    stripe_api_url: str = Field(default="https://api.stripe.com", description="Address of Stripe's API.")
    billing_portal_url: str = Field(default="", description="Where readers manage their payments at the provider.")
    prices_file: Path | None = Field(
        default=None, description='YAML of plan to what it costs, e.g. pro: "USD 29 a month"; shown on /plans as it is.'
    )
    guest_burst_per_second: float = Field(default=50, gt=0, description="Requests a second a guest may keep up.")
    guest_burst: int = Field(default=200, ge=1, description="Requests a guest may send at once.")
    account_burst_per_second: float = Field(
        default=100, gt=0, description="Requests a second an account may keep up, in the browser and by its keys."
    )
    account_burst: int = Field(default=500, ge=1, description="Requests an account may send at once.")
    partner_burst_per_second: float = Field(default=200, gt=0, description="Requests a second a partner may keep up.")
    partner_burst: int = Field(default=1000, ge=1, description="Requests a partner may send at once.")
    page_memory_mb: int = Field(default=256, ge=1, description="Memory for drawn code pages, in MB.")
    metering_timeout_seconds: float = Field(default=2.0, gt=0, description="Longest wait for a decision, in seconds.")
    metering_stream_age_seconds: float = Field(
        default=600, gt=0, description="Age at which the decision stream is opened anew, in seconds."
    )
    memory_of_grants: int = Field(default=200_000, ge=1, description="Grants remembered for when metering is away.")
    memory_of_grants_seconds: float = Field(default=900, gt=0, description="How long they are remembered, in seconds.")
    longest_header_bytes: int = Field(default=16_384, ge=1024, description="Longest header section that is read.")
    longest_claims_bytes: int = Field(
        default=33_554_432, ge=1024, description="Longest body of claims to check that an account or partner sends."
    )
    longest_guests_claims_bytes: int = Field(
        default=1_048_576, ge=1024, description="Longest body of claims to check that a guest sends."
    )
    longest_upload_bytes: int = Field(
        default=268_435_456, ge=1024, description="Longest form of files to import that an operator sends."
    )
    longest_body_bytes: int = Field(default=65_536, ge=1024, description="Longest other request body that is read.")

    @field_validator("trusted_proxies", mode="before")
    @classmethod
    def _networks(cls, value: object) -> object:
        if isinstance(value, str):
            return tuple(ip_network(part.strip()) for part in value.split(",") if part.strip())
        return value

    @field_validator("public_url")
    @classmethod
    def _no_slash(cls, value: str) -> str:
        return value.rstrip("/")

    @property
    def secure(self) -> bool:
        """Whether browsers reach the gateway over TLS."""
        return self.public_url.startswith("https://")
