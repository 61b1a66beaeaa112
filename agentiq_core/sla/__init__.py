"""Deadlines: pure functions over the domain."""
