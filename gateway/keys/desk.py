"""What an account does with its keys, by the API and on the page alike: each change is told to its owner by mail."""

from starlette.requests import Request

from gateway.keys.key import ApiKey, NewKey
from gateway.platform import gateway_of, reader_of


async def own_keys(request: Request) -> list[ApiKey]:
    """Give the newest keys of the account that asks."""
    return await gateway_of(request).keys.of_account(reader_of(request).principal.id)


async def make_key(request: Request, new: NewKey) -> tuple[ApiKey, str]:
    """Make a key of the account that asks, and give it with its secret."""
    gateway, reader = gateway_of(request), reader_of(request)
    key, secret = await gateway.keys.create(reader.principal.id, new)
    if reader.session is not None and reader.session.email:
        await gateway.notices.key_created(reader.session.email, key.name)
    return key, secret


async def end_key(request: Request, key_id: str) -> None:
    """End a key of the account that asks."""
    gateway, reader = gateway_of(request), reader_of(request)
    name = await gateway.keys.revoke(reader.principal.id, key_id)
    if reader.session is not None and reader.session.email:
        await gateway.notices.key_revoked(reader.session.email, name)
