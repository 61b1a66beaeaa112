"""Figures: each with its bar and something measured beside it in the same run. `make bench` prints them."""
