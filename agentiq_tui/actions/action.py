"""What an action is, and where its keys may work."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING

from agentiq_tui.keys import on_both_layouts
from agentiq_tui.locale import _, mark

if TYPE_CHECKING:
    from agentiq_core.engine.access import SignedIn


class Where(Enum):
    """Where keys work: the parts of the desk, then each kind of window over it, then what windows have in common.

    The value is a heading of the help, or a plain word where nothing stands under it.
    """

    ANYWHERE = mark("Everywhere")
    OUTSIDE_TEXT = mark("Outside the reply field")
    QUEUE = mark("In the queue")
    CHAT = mark("In the conversation")
    FIELD = mark("In the reply field")
    SEARCH = mark("Search")
    FILTER = mark("Filters and saved views")
    ATTACH = mark("Attaching a file")
    DAY = "day"
    PICTURES = mark("Pictures")
    QUARANTINE = mark("Quarantine")
    FIGURES = mark("Figures")
    LOG = mark("The log")
    SHOPS = mark("Shops")
    ADD_SHOP = mark("Adding a shop")
    AUTOMATION = mark("Automatic replies")
    DECIDED = "decided"
    MODELS = mark("Language models")
    RULES = mark("Rules of a shop")
    HOURS = mark("Working hours")
    LIBRARY = mark("Templates and knowledge")
    SNIPPET = mark("Writing a template or a piece of knowledge")
    SNIPPET_TEXT = mark("In the text of a template")
    SETTINGS = mark("Settings")
    FIRST_START = mark("The first start")
    FIRST_STEPS = mark("First steps")
    SIGN_IN = mark("Signing in")
    BULK = mark("One action on many conversations")
    QUESTION = mark("Questions")
    TROUBLE = mark("AgentIQ could not start")
    HELP = "help"
    CHOICE = mark("In a field of a few words")
    WORDS = mark("In lists that typing narrows")
    LIST = mark("In lists")
    FORM = mark("In forms")
    WINDOW = mark("In every window")
    APP = "app"


FORMS = (
    Where.FORM,
    Where.ATTACH,
    Where.DAY,
    Where.ADD_SHOP,
    Where.HOURS,
    Where.SNIPPET,
    Where.FIRST_START,
    Where.SIGN_IN,
)
WORD_LISTS = (Where.WORDS, Where.SEARCH, Where.FILTER)
LISTS = (
    Where.LIST,
    Where.QUARANTINE,
    Where.FIGURES,
    Where.LOG,
    Where.SHOPS,
    Where.AUTOMATION,
    Where.DECIDED,
    Where.MODELS,
    Where.RULES,
    Where.LIBRARY,
    Where.SETTINGS,
)
OVER_THE_DESK = (
    *FORMS,
    *WORD_LISTS,
    *LISTS,
    Where.PICTURES,
    Where.FIRST_STEPS,
    Where.BULK,
    Where.QUESTION,
    Where.TROUBLE,
    Where.HELP,
)
"""Every kind of window."""
_AROUND: Mapping[Where, tuple[Where, ...]] = {
    Where.OUTSIDE_TEXT: (Where.ANYWHERE,),
    Where.QUEUE: (Where.ANYWHERE, Where.OUTSIDE_TEXT),
    Where.CHAT: (Where.ANYWHERE, Where.OUTSIDE_TEXT),
    Where.FIELD: (Where.ANYWHERE,),
    Where.CHOICE: (Where.FORM, Where.SNIPPET, Where.FIRST_START),
    Where.SNIPPET_TEXT: (Where.SNIPPET,),
}
"""What is on screen around a part of it: keys of both work there."""


class Needs(Enum):
    """What a role must be allowed for an action to be offered to it. The engine refuses whoever tries all the same."""

    NOTHING = "nothing"
    WRITING = "writing"
    MANAGING = "managing"


@dataclass(frozen=True, slots=True)
class Action:
    """One thing to do. `keys` are the ones it has unless the user gave it others, on the Latin layout; `hint` is its word in the footer, if it belongs there.

    `where` is the heading under which it is told; `on` are the places that have it, where those are several. `does` is
    what runs there, if that is called otherwise. With `wins` its keys come before the focused field's own, letters never.
    """

    id: str
    keys: tuple[str, ...]
    title: str
    where: Where = Where.ANYWHERE
    hint: str | None = None
    palette: bool = True
    needs: Needs = Needs.NOTHING
    on: tuple[Where, ...] = ()
    does: str = ""
    wins: bool = False

    @property
    def places(self) -> tuple[Where, ...]:
        """The places whose screen, or part of one, has the keys of this action."""
        return self.on or (self.where,)

    @property
    def run(self) -> str:
        """What runs on the screen, as Textual writes it: "leave", "cursor(1)"."""
        return self.does or self.id

    @property
    def keys_now(self) -> tuple[str, ...]:
        """The keys in force: the user's, or those it comes with."""
        return _remapped.get(self.id, self.keys)

    def all_keys(self) -> tuple[str, ...]:
        """The keys in force on both layouts."""
        return twins(self.keys_now)

    def works_at(self, place: Where) -> bool:
        """Whether its keys work somewhere on a screen of this kind."""
        return any(place is one or place in _AROUND.get(one, ()) for one in self.places)

    def heading_at(self, place: Where) -> Where:
        """Under which heading it is told on a screen of this kind: rather under that of a part of it."""
        parts = [one for one in self.places if place in _AROUND.get(one, ())]
        return parts[0] if parts and self.where in self.places else self.where

    def meets(self, other: Action) -> bool:
        """Whether one key press could mean both."""
        return any(
            one is its or one in _AROUND.get(its, ()) or its in _AROUND.get(one, ())
            for one in self.places
            for its in other.places
        )

    def described(self) -> str:
        """The title in the language of the screen."""
        return _(self.title)

    def offered_to(self, who: SignedIn | None) -> bool:
        """Whether footer, help and palette name it to whoever works here; everything while nobody is known yet."""
        if who is None or self.needs is Needs.NOTHING:
            return True
        return who.may_manage if self.needs is Needs.MANAGING else who.may_write


_remapped: dict[str, tuple[str, ...]] = {}


def remap(keys: Mapping[str, tuple[str, ...]]) -> None:
    """Make these the user's own keys, by action; all others keep what they came with. `keymap` reads and checks them."""
    _remapped.clear()
    _remapped.update(keys)


def twins(keys: tuple[str, ...]) -> tuple[str, ...]:
    """These keys on both layouts."""
    return tuple(twin for key in keys for twin in on_both_layouts(key))
