"""The database behind the catalog, in plain SQL."""
