"""The gateway's process of ``--split``: the gateway with the built-in issuer. The launcher starts it."""

import gateway.settings
from deploy.local.environment import Environment
from deploy.local.issuer.wiring import build_gateway
from deploy.local.keys import Keys
from deploy.local.postgres import EmbeddedPostgres
from deploy.local.settings import LocalSettings
from deploy.local.state import State
from shared.process import run, serve, told_in_a_sentence
from shared.settings import read_settings
from shared.telemetry import configure_logs


async def _serve(settings: gateway.settings.Settings, environment: Environment) -> None:
    await serve(
        build_gateway(settings, environment.issuer()),
        settings.drain_seconds,
        metrics_listen=settings.metrics_listen,
        otlp_endpoint=settings.otlp_endpoint,
    )


def main() -> None:
    """Serve until a signal."""
    with told_in_a_sentence():
        settings = read_settings(gateway.settings.Settings)
        local = LocalSettings(oidc_issuer="")  # the gateway's own OIDC_ISSUER names the built-in issuer
        configure_logs(settings.log_level, settings.log_format)
        state = State(local.state)
        postgres = EmbeddedPostgres(state.postgres, state.run)
        run(_serve(settings, Environment(state, postgres, Keys(state.keys), local)))


if __name__ == "__main__":
    main()
