"""Brings the current official files from their publishers' addresses, whole and checked, for an import."""
