"""Importers of the official code sets, and of the official tables that say how their codes go together."""
