"""The built-in OpenID Connect issuer of the one-machine profile, at Keycloak's paths; production has Keycloak."""
