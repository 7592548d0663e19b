"""The mail folder of one machine, to read in the browser; nothing of it where mail leaves the machine."""

import asyncio
import email
import email.policy
import re
from dataclasses import dataclass
from ipaddress import ip_address
from pathlib import Path

from fastapi import APIRouter
from starlette.requests import Request
from starlette.responses import Response

from gateway.billing.plans import is_loopback
from gateway.platform import gateway_of
from gateway.web.answers import page
from shared.errors import NotFound
from shared.mail.address import mail_folder

router = APIRouter()
MOST_LISTED = 100
_NAME = re.compile(r"[0-9]{20}-[0-9a-f]{8}")


@dataclass(frozen=True, slots=True)
class ReadMail:
    """One mail of the folder, as text."""

    name: str
    to: str
    subject: str
    date: str
    text: str


@router.api_route("/local/mail", methods=["GET", "HEAD"])
async def mails(request: Request) -> Response:
    """The newest mails."""
    folder = _folder(request)
    values = {"title": "Mail of this machine | Coding Ahead", "noindex": True}
    return page(request, "pages/local_mails.html", {**values, "mails": await asyncio.to_thread(_newest, folder)})


@router.api_route("/local/mail/{name}", methods=["GET", "HEAD"])
async def mail(name: str, request: Request) -> Response:
    """One mail, as text."""
    folder = _folder(request)
    file = folder / f"{name}.eml"
    if not _NAME.fullmatch(name) or not file.is_file():
        raise NotFound("MAIL_UNKNOWN", "There is no such mail; the oldest go when there are many.")
    values = {"title": "Mail of this machine | Coding Ahead", "noindex": True}
    return page(request, "pages/local_mail.html", {**values, "mail": await asyncio.to_thread(_read, file)})


def _folder(request: Request) -> Path:
    """The folder; NotFound unless site, reader and mail all are of this machine alone."""
    settings = gateway_of(request).settings
    folder = mail_folder(settings.mail_url)
    peer = request.client.host if request.client else ""
    forwarded = {"x-forwarded-for", "forwarded"} & set(request.headers.keys())
    if folder is None or forwarded or not is_loopback(settings.public_url) or not _own(peer):
        raise NotFound("PAGE_UNKNOWN", "There is no such page.")
    return folder


def _own(peer: str) -> bool:
    try:
        return ip_address(peer).is_loopback
    except ValueError:
        return False


def _newest(folder: Path) -> list[ReadMail]:
    files = sorted(folder.glob("*.eml"), reverse=True)[:MOST_LISTED] if folder.is_dir() else []
    return [_read(file) for file in files]


def _read(file: Path) -> ReadMail:
    message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
    body = message.get_body(("plain",))
    text = str(body.get_content()) if body is not None else ""
    return ReadMail(file.stem, str(message["To"]), str(message["Subject"]), str(message["Date"]), text)
