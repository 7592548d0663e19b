"""Reads the official XML of the ICD-10-CM Tabular List. No database here."""
