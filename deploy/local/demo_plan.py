"""Puts the demo account of that name on the pro plan, through metering as an operator would."""

from __future__ import annotations

from codingahead.metering.v1 import metering_pb2, metering_pb2_grpc

from deploy.local.environment import Environment
from deploy.local.issuer.demo import DemoAccount
from shared.identity import InternalTokenSigner, Kind, Principal
from shared.rpc.client import invoke, open_channel

OPERATOR = Principal(Kind.SERVICE, "local", frozenset({"service"}))


async def give_pro_plan(environment: Environment, accounts: list[DemoAccount]) -> None:
    """Set the plan once; a repeat changes nothing, so an operator may take it away again."""
    token = InternalTokenSigner.from_jwk_file(environment.keys.internal_private).sign(OPERATOR)
    channel = open_channel(environment.state.socket("metering"))
    stub: metering_pb2_grpc.MeteringServiceAsyncStub = metering_pb2_grpc.MeteringServiceStub(channel)
    for account in accounts:
        if account.name == "pro":
            request = metering_pb2.SetPlanRequest(
                request_id=f"demo-{account.account_id}",
                principal=f"account:{account.account_id}",
                tier=metering_pb2.TIER_PRO,
                note="demo account",
            )
            await invoke(stub.SetPlan, request, token=token, timeout=10)
    await channel.close()
