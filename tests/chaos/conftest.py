"""The same stage as the engine's tests."""

from tests.scene import dispatch, engine, hasty_engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "hasty_engine", "sandbox", "scene", "seller_id", "shop", "team_key"]
