"""The terminal front ends: the app and the commands."""
