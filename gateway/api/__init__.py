"""The public REST API, one module a product."""
