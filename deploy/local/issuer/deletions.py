"""Honours the deletion of an account: its person can sign in no more, and nothing of the person is kept here."""

from uuid import UUID

from codingahead.gateway.v1 import events_pb2

from shared.database import Connection
from shared.events.event import Event
from shared.events.failure import PermanentFailure

TOPIC = "gateway.account-deleted"
GROUP = "identity"


async def hear(connection: Connection, event: Event) -> None:
    """Remove the account that an event names, with its sign-ons and waiting mails, in the transaction given."""
    try:
        account = UUID(event.parse(events_pb2.AccountDeleted).account_id)
    except ValueError:
        raise PermanentFailure("the event names no account of this issuer") from None
    gone = await connection.execute("DELETE FROM account WHERE id = %s RETURNING email", (account,))
    row = await gone.fetchone()
    if row is not None:
        await connection.execute("DELETE FROM mail_waiting WHERE lower(recipient) = lower(%s)", (row["email"],))
