"""Runs all services and the gateway in one event loop, over real gRPC on unix sockets."""

import gateway.settings
import services.catalog.settings
import services.catalog.wiring
import services.metering.settings
import services.metering.wiring
import services.search.settings
import services.search.wiring
from deploy.local.environment import Environment, as_fields
from deploy.local.issuer.wiring import build_gateway
from shared.service import Service


def build_services(environment: Environment) -> list[Service]:
    """The services in the order in which they start, the gateway last."""
    return [
        services.metering.wiring.build(
            services.metering.settings.Settings.model_validate(as_fields(environment.of("metering")))
        ),
        services.catalog.wiring.build(
            services.catalog.settings.Settings.model_validate(as_fields(environment.of("catalog")))
        ),
        services.search.wiring.build(
            services.search.settings.Settings.model_validate(as_fields(environment.of("search")))
        ),
        *build_gateway(
            gateway.settings.Settings.model_validate(as_fields(environment.of("gateway"))), environment.issuer()
        ),
    ]
