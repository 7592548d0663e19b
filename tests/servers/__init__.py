"""Real servers for the tests, and by hand for a developer: `python -m tests.servers start kafka postgres`."""
