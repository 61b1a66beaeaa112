"""A worker's hands on a sandbox marketplace: real HTTP, real Postgres."""

from tests.scene import dispatch, engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "sandbox", "scene", "seller_id", "shop", "team_key"]
