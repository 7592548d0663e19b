"""From settings to a running issuer, and the gateway that carries it."""

import psycopg
from psycopg.rows import dict_row
from starlette.types import ASGIApp

import gateway.settings
import gateway.wiring
from deploy.local.issuer import clients, deletions, demo
from deploy.local.issuer.app import BASE, Issuer
from deploy.local.issuer.pruning import Pruning
from deploy.local.issuer.settings import WEB_CLIENT, IssuerSettings, require_one_machine
from shared.database import Database
from shared.events.consumers import EffectConsumer
from shared.events.log import open_log
from shared.mail import WaitingMails, open_mailer
from shared.service import Service

CONNECTIONS = 3
"""Beside those of requests: for what is heard, for the mail under way, and for pruning."""


def build_gateway(settings: gateway.settings.Settings, issuer: IssuerSettings | None) -> list[Service]:
    """Construct the gateway, and the built-in issuer behind it unless sign-in is elsewhere. Needs a running loop."""
    if issuer is None:
        return [gateway.wiring.build(settings)]
    require_one_machine(issuer.public_url)
    service, app = build(issuer)
    return [service, gateway.wiring.build(settings, {f"{BASE}/": app})]


def build(settings: IssuerSettings) -> tuple[Service, ASGIApp]:
    """Construct the issuer alone: its parts, and the application that answers once they have started."""
    database, log = Database(settings.database_url, max_size=CONNECTIONS), open_log(settings.events_url)
    mails = WaitingMails(database, open_mailer(settings.mail_url), "issuer")
    issuer = Issuer(settings, mails)
    hearing = EffectConsumer(log, database, group=deletions.GROUP, topics=[deletions.TOPIC], handle=deletions.hear)
    return Service("issuer", [database, log, hearing, mails, Pruning(database), issuer]), issuer.app


def prepare(settings: IssuerSettings) -> list[demo.DemoAccount]:
    """Register the web site at its present address, and make the demo accounts that are missing; gives them."""
    with psycopg.connect(settings.database_url, row_factory=dict_row) as tx:
        secret = settings.web_client_secret.read_text().strip()
        clients.put_web_client(tx, WEB_CLIENT, secret, settings.public_url)
        return demo.ensure(tx, settings.demo_accounts)
