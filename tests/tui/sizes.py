"""The windows that every screen is drawn in. The large ones are drawn with the slow tests: they are half of all drawings."""

from __future__ import annotations

import pytest

SIZES = [(80, 24), pytest.param((160, 45), marks=pytest.mark.slow)]
