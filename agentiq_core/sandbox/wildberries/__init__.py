"""Wildberries: the buyer chat API by its specification."""
