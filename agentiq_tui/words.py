"""What is typed in this session, field by field, and how it stands to what the database holds."""

from __future__ import annotations

from dataclasses import dataclass, field

from agentiq_core.domain.drafts import DraftKey, DraftView

EARLIEST, LATEST = 4, 4
"""The texts that are remembered of those that the database was given and has not answered for."""


@dataclass
class _Field:
    text: str = ""
    other: str = ""
    known: list[str] = field(default_factory=lambda: [""])
    """The texts that the database may hold of this session: the one it answered last, then those it has not answered."""
    moves: int = 0

    @property
    def unsaved(self) -> bool:
        return self.known != [self.text]


class Words:
    """The texts of the fields. One that was changed here is newer than the database's until that has taken it."""

    def __init__(self) -> None:
        self._fields: dict[DraftKey, _Field] = {}

    def text(self, key: DraftKey) -> str:
        """What the field holds."""
        return self._fields[key].text if key in self._fields else ""

    def other(self, key: DraftKey) -> str:
        """What the same operator has typed there elsewhere, and is no part of this text."""
        return self._fields[key].other if key in self._fields else ""

    def type(self, key: DraftKey, text: str) -> None:
        """The operator changed the text."""
        one = self._of(key)
        one.text = text
        one.moves += 1

    def unsaved(self) -> list[DraftKey]:
        """The fields of which the database does not hold the newest."""
        return [key for key, one in self._fields.items() if one.unsaved]

    def known(self, key: DraftKey) -> tuple[str, ...]:
        """What the database may hold of this field, as far as this session knows."""
        return tuple(self._of(key).known)

    def saving(self, key: DraftKey) -> str:
        """The text, which is given to the database now: it may take it and never be heard."""
        one = self._of(key)
        one.moves += 1
        if one.text not in one.known:
            one.known.append(one.text)
            # of many that were not answered the first may have been taken as the line broke
            del one.known[EARLIEST:-LATEST]
        return one.text

    def saved(self, key: DraftKey, draft: DraftView) -> None:
        """The database holds this now; typing since then stays unsaved."""
        one = self._of(key)
        one.moves += 1
        one.known = [draft.text]
        one.other = draft.other

    def moves(self, key: DraftKey) -> int:
        """Counts what happens to a field here: an answer that was asked for before the last of it is no news."""
        return self._of(key).moves

    def heard(self, key: DraftKey, draft: DraftView, moves: int) -> bool:
        """What the database holds, asked for when `moves` was so: taken over unless something was typed here. Whether the
        field's text is another now."""
        one = self._of(key)
        if one.moves != moves:
            return False
        one.other = draft.other
        if one.unsaved or one.text == draft.text:
            return False
        one.text, one.known = draft.text, [draft.text]
        return True

    def _of(self, key: DraftKey) -> _Field:
        return self._fields.setdefault(key, _Field())
