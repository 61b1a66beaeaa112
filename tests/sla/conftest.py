"""A connected shop, for what only a whole desk can get wrong."""

from tests.scene import dispatch, engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "sandbox", "scene", "seller_id", "shop", "team_key"]
