"""Secrets of this machine: the team key and the seller keys it opens."""
