"""The event log as tables of PostgreSQL, in a database of its own."""
