"""What the issuer needs to know."""

from dataclasses import dataclass
from pathlib import Path
from urllib.parse import urlsplit

from shared.errors import CannotStart

REALM = "codingahead"
WEB_CLIENT = "coding-ahead-web"
LOOPBACK = frozenset({"localhost", "127.0.0.1", "::1"})


@dataclass(frozen=True)
class IssuerSettings:
    """The settings of the built-in issuer."""

    public_url: str
    """The gateway's origin, at which the issuer stands too."""
    database_url: str
    events_url: str
    """The event log, on which deletions of accounts are heard."""
    signing_keys: Path
    """Private JSON Web Keys; the first signs, all of them verify."""
    form_key: Path
    """Base64 key of the tokens in forms."""
    web_client_secret: Path
    demo_accounts: Path
    """Where the passwords of the demo accounts are kept for their owner."""
    audience: str
    """The audience of access tokens: the platform's API."""
    mail_url: str
    """Where mail goes."""
    verify_email: bool = False
    """Whether a new account must show that it reads mail at its address before it signs in."""

    @property
    def base(self) -> str:
        """The path of the realm."""
        return f"/realms/{REALM}"

    @property
    def issuer(self) -> str:
        """The issuer's identifier."""
        return f"{self.public_url}{self.base}"

    @property
    def protocol(self) -> str:
        """The address under which the protocol's endpoints lie."""
        return f"{self.issuer}/protocol/openid-connect"


def require_one_machine(public_url: str) -> None:
    """Raise CannotStart when browsers of other machines are meant to come: this issuer is for one machine."""
    if urlsplit(public_url).hostname not in LOOPBACK:
        raise CannotStart(
            f"The built-in sign-in is for one machine, and {public_url} is an address for others: leave HOST at"
            " 127.0.0.1, or run PROFILE=production with Keycloak."
        )
