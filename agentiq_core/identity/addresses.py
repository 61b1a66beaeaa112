from __future__ import annotations


def secured(dsn: str) -> str:
    return dsn


def weak_tls(dsn: str) -> bool:
    return False
