"""The migrations of search's database."""
