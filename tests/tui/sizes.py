"""The windows and languages that every screen is drawn in. The large windows are drawn with the slow tests: they are half of
all drawings."""

from __future__ import annotations

import pytest

LANGUAGES = ["ru", "en"]
SIZES = [
    pytest.param((80, 24), id="80x24"),
    pytest.param((160, 45), id="160x45", marks=pytest.mark.slow),
]
IN_EVERY_WINDOW = pytest.mark.parametrize("size", SIZES)
IN_BOTH_LANGUAGES = pytest.mark.parametrize("language", LANGUAGES)
