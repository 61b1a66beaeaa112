"""Ozon in the sandbox: buyer chat, reviews and questions, with the quirks of its Seller API as switches."""
