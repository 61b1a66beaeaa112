"""A list over the desk that is read a page at a time, further as the cursor nears its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Any

from agentiq_tui.asking import ask
from agentiq_tui.messages_office import OfficeFetched
from agentiq_tui.screens.office_list import OfficeListScreen, Row

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

PAGE = 50
MARGIN = 10
"""How near the end of what is loaded the next page is asked for."""


class PagedListScreen(OfficeListScreen[Row]):
    """`facts` of a page say by `before` where the next one begins, None after the last."""

    def __init__(self, desk: Desk, clock: Callable[[], datetime]) -> None:
        super().__init__(desk, clock)
        self._before: Any = None
        self._reading = 0

    async def page(self, before: Any) -> OfficeFetched:
        """The `PAGE` lines from there on, the first ones with None."""
        raise NotImplementedError

    async def fetch(self) -> OfficeFetched:
        # a page of the list as it was is no part of what is read now
        self._reading += 1
        before, self._before = self._before, None
        try:
            return await self.page(None)
        except BaseException:
            self._before = before
            raise

    def took(self, facts: Any) -> None:
        self._before = facts.before

    def moved(self) -> None:
        if self._before is None or (self.place or 0) < len(self.rows) - MARGIN:
            return
        before, self._before, reading = self._before, None, self._reading

        async def more() -> OfficeFetched | None:
            try:
                fetched = await self.page(before)
            except BaseException:
                # also when the answer took too long: the same page may be asked for again
                if reading == self._reading:
                    self._before = before
                raise
            return fetched if reading == self._reading else None

        ask(self, more, long=True)
