"""The realm as code: `python -m deploy.keycloak plan|apply|partner` holds a Keycloak to realm.yaml, without secrets."""
