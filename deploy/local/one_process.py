"""Runs all services and the gateway in one event loop, over real gRPC on unix sockets."""

import gateway.settings
import gateway.wiring
import services.catalog.settings
import services.catalog.wiring
import services.metering.settings
import services.metering.wiring
from deploy.local.environment import Environment, as_fields
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
        gateway.wiring.build(gateway.settings.Settings.model_validate(as_fields(environment.of("gateway")))),
    ]
