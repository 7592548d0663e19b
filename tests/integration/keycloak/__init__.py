"""A real Keycloak: provisioned by our command, spoken to as the gateway and as partners speak to it."""
