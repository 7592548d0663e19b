"""Drugs on claims: what one billing unit of a code is, how a dose becomes units, and what is billed as thrown away."""
