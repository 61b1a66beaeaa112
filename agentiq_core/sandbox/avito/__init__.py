"""Avito in the sandbox: the messenger and reviews behind short-lived tokens."""
