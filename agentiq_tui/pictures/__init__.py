"""Buyers' pictures in the terminal: what it can show, how a picture is made small elsewhere, how it is written."""
