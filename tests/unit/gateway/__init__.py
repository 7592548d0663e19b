"""Tests of the gateway's rules, without servers."""
