"""The same stage as the engine's tests."""

from tests.scene import dispatch, engine, sandbox, scene, seller_id, shop, team_key

__all__ = ["dispatch", "engine", "sandbox", "scene", "seller_id", "shop", "team_key"]
