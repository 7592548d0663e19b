"""Imports that operators order from the site: their files, the orders, and the processes that run them."""
