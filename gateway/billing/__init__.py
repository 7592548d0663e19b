"""Paying for a plan: the checkout behind a port, and what the payment provider tells by its webhook."""
