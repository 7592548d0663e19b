"""From started servers to a served page: migrate, load, start, say the address, stop in order."""

import asyncio

from deploy.local.demo_plan import give_pro_plan
from deploy.local.environment import Environment
from deploy.local.issuer.wiring import prepare
from deploy.local.loading import load_packaged
from deploy.local.migrations import migrate_all
from deploy.local.one_process import build_services
from deploy.local.problems import full_disk_told
from deploy.local.split import run_split
from deploy.local.topics import create_topics
from deploy.local.watch import keep_started
from shared.process import run, serve
from shared.telemetry import configure_logs

WORDS_LATER = "Search by words is being prepared and answers in about a minute; codes are found by number already."


def run_platform(environment: Environment, *, split: bool) -> None:
    """Run until a signal."""
    configure_logs(environment.settings.log_level, "console")
    run(_run(environment, split=split))


async def _run(environment: Environment, *, split: bool) -> None:
    with full_disk_told(environment.state.folder):
        await migrate_all(environment.servers)
        await create_topics(environment.servers)
        await load_packaged(environment.servers.url("catalog"))
    watch = asyncio.create_task(keep_started(environment.servers), name="watch servers")
    try:
        await _serve(environment, split=split)
    finally:
        watch.cancel()
    print("Stopped.", flush=True)


async def _serve(environment: Environment, *, split: bool) -> None:
    if split:
        await run_split(environment, started=lambda: _say_address(environment))
    else:
        await serve(
            build_services(environment),
            environment.settings.drain_seconds,
            started=lambda: _say_address(environment),
            metrics_listen=environment.settings.metrics_listen,
            otlp_endpoint=environment.settings.otlp_endpoint,
        )


async def _say_address(environment: Environment) -> None:
    print(f"Coding Ahead is at {environment.settings.public_url} (Ctrl-C stops it).", flush=True)
    if not environment.has_searched:
        print(WORDS_LATER, flush=True)
    issuer = environment.issuer()
    if issuer is None:
        return
    accounts = await asyncio.to_thread(prepare, issuer)
    await give_pro_plan(environment, accounts)
    print(f"Sign-in is at {issuer.issuer}. Accounts to try it with:", flush=True)
    for account in accounts:
        print(f"  {account.name:<9} {account.email:<22} {account.password}", flush=True)
