"""What an account does with its keys, by the API and on the page alike: each change is told to its owner by mail."""

from datetime import datetime

from starlette.requests import Request

from gateway.auth.reader import Reader
from gateway.keys.key import ApiKey, NewKey
from gateway.keys.store import SHOWN_KEYS
from gateway.platform import Gateway, gateway_of, reader_of


async def own_keys(request: Request, most: int = SHOWN_KEYS, after: tuple[datetime, str] | None = None) -> list[ApiKey]:
    """Give the newest keys of the account that asks, or those behind a place: when a key was made, and its id."""
    return await gateway_of(request).keys.of_account(reader_of(request).principal.id, most, after)


async def make_key(request: Request, new: NewKey) -> tuple[ApiKey, str]:
    """Make a key of the account that asks, and give it with its secret."""
    gateway, reader = gateway_of(request), reader_of(request)
    notice = gateway.notices.key_created(await _address(gateway, reader), new.name)
    return await gateway.keys.create(reader.principal.id, new, notice)


async def end_key(request: Request, key_id: str) -> None:
    """End a key of the account that asks."""
    gateway, reader = gateway_of(request), reader_of(request)
    address = await _address(gateway, reader)
    await gateway.keys.revoke(reader.principal.id, key_id, lambda name: gateway.notices.key_revoked(address, name))


async def _address(gateway: Gateway, reader: Reader) -> str:
    """Where the owner reads mail: as the credential of the call says, or else the newest session in a browser."""
    if reader.email or gateway.sign_in is None:
        return reader.email
    return await gateway.sign_in.keeper.sessions.email_of(reader.principal.id)
