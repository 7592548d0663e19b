"""Checks claims against the edits of Medicare's tables and the rules of ICD-10-CM. No database and no contract here."""
