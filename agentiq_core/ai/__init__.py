"""Suggestions: what to answer, and why."""
