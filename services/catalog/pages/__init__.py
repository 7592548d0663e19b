"""Composes code pages as messages of the contract, from plain records. No database and no RPC here."""
