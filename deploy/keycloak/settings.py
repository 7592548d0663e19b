"""Settings of the provisioning command, read from the environment once."""

from pathlib import Path

from pydantic import Field
from pydantic_settings import BaseSettings


class ProvisioningSettings(BaseSettings):
    """Which Keycloak, which realm, and for which address of the platform."""

    keycloak_url: str = Field(
        default="http://127.0.0.1:8180", description="Address of Keycloak, without credentials or a realm."
    )
    keycloak_admin_user: str = Field(default="admin", description="Administrator in Keycloak's realm master.")
    keycloak_admin_password_file: Path | None = Field(
        default=None, description="File with the administrator's password; needed by every command."
    )
    keycloak_realm: str = Field(
        default="codingahead", pattern=r"^[a-z0-9-]{1,63}$", description="Name of the platform's realm."
    )
    public_url: str = Field(description="Address by which browsers reach the gateway, without a path.")
    keycloak_gateway_url: str = Field(
        default="",
        description="Address by which Keycloak itself reaches the gateway, for back-channel logout, when it is another"
        " than browsers use.",
    )
    oidc_client_secret_file: Path | None = Field(
        default=None,
        description="File with the secret of the site's client; made (mode 0600) where it is missing, and given to"
        " Keycloak.",
    )
    accounts_client_secret_file: Path | None = Field(
        default=None,
        description="File with the secret of the client by which the gateway removes deleted accounts; made (mode 0600)"
        " where it is missing, and given to Keycloak. Without it there is no such client.",
    )
    verify_email: bool | None = Field(
        default=None, description="Whether new accounts confirm their e-mail address; realm.yaml decides when not set."
    )
    keycloak_mail_url: str = Field(
        default="",
        description="Relay of Keycloak's mails: smtp://user:password@host:port?starttls=1&from=address; none when"
        " empty.",
    )
