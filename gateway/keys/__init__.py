"""API keys: what an account's programs show in place of a sign-in."""
