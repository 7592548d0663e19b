"""Who reads: guests by cookie, accounts by access token, networks by keyed hash."""
