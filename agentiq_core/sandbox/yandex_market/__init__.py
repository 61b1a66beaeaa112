"""Yandex Market in the sandbox: buyer chat, reviews and questions, with the quirks of its Partner API as switches."""
