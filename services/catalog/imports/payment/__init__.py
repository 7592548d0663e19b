"""Importers of Medicare's payment tables: NCCI edits, MUE, add-on codes, the fee schedule, coverage documents."""
