"""Who may ask metering for what. Readers act for themselves; the platform's services and operators for others."""

from shared.errors import Denied
from shared.identity import Kind, Principal

OPERATOR = "operator"

READERS = frozenset({Kind.GUEST, Kind.ACCOUNT, Kind.PARTNER})


def reader(caller: Principal) -> str:
    """Give the name under which the caller reads; Denied for a service, which reads nothing."""
    if caller.kind not in READERS:
        raise Denied("READER_NEEDED", "Only guests, accounts and partners read pages; name one as the principal.")
    return caller.name


def on_behalf(caller: Principal, principal: str) -> str:
    """Give whose standing the caller may see or change: its own, or anyone's for operators and services."""
    if principal in ("", caller.name):
        return reader(caller)
    operate(caller)
    return principal


def operate(caller: Principal) -> None:
    """Denied unless the caller is an operator or a service of the platform."""
    if caller.kind is not Kind.SERVICE and OPERATOR not in caller.roles:
        raise Denied("OPERATOR_NEEDED", "Only operators and the platform's services may do this.")


def serve(caller: Principal) -> None:
    """Denied unless the caller is a service of the platform."""
    if caller.kind is not Kind.SERVICE:
        raise Denied("SERVICE_NEEDED", "Only the platform's services may do this.")


def rule(caller: Principal) -> None:
    """Denied unless the caller is an operator."""
    if OPERATOR not in caller.roles:
        raise Denied("OPERATOR_NEEDED", "Only operators may do this.")


def merge(caller: Principal, account_id: str) -> None:
    """Denied unless the caller is a service, an operator, or the account itself."""
    if not (caller.kind is Kind.ACCOUNT and caller.id == account_id):
        operate(caller)
