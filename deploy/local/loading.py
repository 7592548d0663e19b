"""Fills an empty catalog with what packages and this repository carry, with progress a person can watch."""
