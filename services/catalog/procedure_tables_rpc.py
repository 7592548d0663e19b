"""The gRPC servicer of the ICD-10-PCS tables: messages in, one call of the domain, messages out."""
# ruff: noqa: N802, ARG002 - names and arguments are the contract's

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

import grpc
from codingahead.catalog.v1 import procedure_tables_pb2 as pb
from codingahead.catalog.v1 import procedure_tables_pb2_grpc

from services.catalog.messages import message_of
from services.catalog.pages.parts import code_ref, data_release
from services.catalog.procedure_builder import Character, ProcedureBuilder
from shared.clock import Clock
from shared.rpc.context import current_principal

if TYPE_CHECKING:
    Context: TypeAlias = grpc.aio.ServicerContext[Any, Any]

SERVICE = "codingahead.catalog.v1.ProcedureTablesService"


class ProcedureTablesServicer(procedure_tables_pb2_grpc.ProcedureTablesServiceServicer):
    """Serves the contract; every call names its principal by an internal token."""

    def __init__(self, builder: ProcedureBuilder, clock: Clock) -> None:
        """Take what builds, and the clock by which a release is current or not."""
        self._builder = builder
        self._clock = clock

    async def GetProcedureChoices(
        self, request: pb.GetProcedureChoicesRequest, context: Context
    ) -> pb.GetProcedureChoicesResponse:
        """The values that can still be chosen."""
        current_principal()
        built = await self._builder.build(request.pattern)
        return pb.GetProcedureChoicesResponse(
            pattern=built.pattern,
            characters=[_character(character) for character in built.characters],
            dropped=built.dropped,
            total=built.total,
            codes=[message_of(code_ref(code)) for code in built.codes],
            table=message_of(code_ref(built.table)) if built.table else None,
            releases=[message_of(data_release(built.release, self._clock.now().date()))],
        )


def _character(character: Character) -> pb.CodeCharacter:
    return pb.CodeCharacter(
        place=character.place,
        name=character.name,
        chosen=character.chosen,
        values=[pb.CharacterValue(value=c.value, meaning=c.meaning, codes=c.codes) for c in character.choices],
    )
