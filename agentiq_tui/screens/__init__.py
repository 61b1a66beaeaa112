"""Whole screens: the desk, and the dialogs over it."""
