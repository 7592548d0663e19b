"""Brings files into the catalog: one importer a kind of file, each import one release, whole or not at all."""
