"""Everything on one machine: the embedded PostgreSQL, keys, data, all services and the gateway."""
