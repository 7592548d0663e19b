"""From settings to a running issuer, and the gateway that carries it."""

import psycopg
from psycopg.rows import dict_row

import gateway.settings
import gateway.wiring
from deploy.local.issuer import clients, demo
from deploy.local.issuer.app import BASE, Issuer
from deploy.local.issuer.settings import WEB_CLIENT, IssuerSettings, require_one_machine
from shared.service import Service


def build_gateway(settings: gateway.settings.Settings, issuer: IssuerSettings | None) -> list[Service]:
    """Construct the gateway, and the built-in issuer behind it unless sign-in is elsewhere. Needs a running loop."""
    if issuer is None:
        return [gateway.wiring.build(settings)]
    require_one_machine(issuer.public_url)
    part = Issuer(issuer)
    return [Service("issuer", [part]), gateway.wiring.build(settings, {f"{BASE}/": part.app})]


def prepare(settings: IssuerSettings) -> list[demo.DemoAccount]:
    """Register the web site at its present address, and make the demo accounts that are missing; gives them."""
    with psycopg.connect(settings.database_url, row_factory=dict_row) as tx:
        secret = settings.web_client_secret.read_text().strip()
        clients.put_web_client(tx, WEB_CLIENT, secret, settings.public_url)
        return demo.ensure(tx, settings.demo_accounts)
