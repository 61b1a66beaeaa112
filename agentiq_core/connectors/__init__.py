"""Marketplaces: one folder each. HTTP only, no database."""
