"""The gateway's side of drugs on claims: doses go to the catalog and come back as billing units."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from datetime import date

import grpc
from codingahead.catalog.v1 import drugs_pb2 as pb
from codingahead.catalog.v1 import drugs_pb2_grpc

from shared.dates import date_message
from shared.rpc.client import invoke

PATIENCE_SECONDS = 5.0


CONTAINERS = {"single-dose": pb.CONTAINER_SINGLE_DOSE, "several-doses": pb.CONTAINER_SEVERAL_DOSES}
"""By what callers and forms name them."""


def asked(
    code: str, *, dose: str, measure: str, container: str, vials: Sequence[str], day: date | None
) -> pb.GetDrugUnitsRequest:
    """Make the question of a dose."""
    return pb.GetDrugUnitsRequest(
        code=code,
        dose=dose,
        measure=measure,
        container=CONTAINERS.get(container, pb.CONTAINER_UNSPECIFIED),
        vials=vials,
        date=date_message(day),
    )


class Drugs:
    """Has doses counted. Raises the DomainErrors that catalog raises, and Unavailable when it is away."""

    def __init__(self, channel: grpc.aio.Channel, own_token: Callable[[], str]) -> None:
        """Take the channel to catalog and the gateway's own internal token."""
        self._stub: drugs_pb2_grpc.DrugsServiceAsyncStub = drugs_pb2_grpc.DrugsServiceStub(channel)
        self._own_token = own_token

    async def units(self, request: pb.GetDrugUnitsRequest) -> pb.GetDrugUnitsResponse:
        """Give a dose in billing units."""
        return await invoke(self._stub.GetDrugUnits, request, timeout=PATIENCE_SECONDS, token=self._own_token())
