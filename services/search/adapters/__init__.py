"""Engines, the catalog and the database, as search speaks to them."""
