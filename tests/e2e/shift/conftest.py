"""A team's server, a marketplace with played buyers, and machines with the app in a real terminal."""

from __future__ import annotations

from tests.cli.conftest import bare, home, market, owners_dsn, team

__all__ = ["bare", "home", "market", "owners_dsn", "team"]
