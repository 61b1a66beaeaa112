"""A worker's hands on a sandbox marketplace: real HTTP, real Postgres."""

from tests.scene import dispatch, engine, hasty_engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "hasty_engine", "sandbox", "scene", "seller_id", "shop", "team_key"]
