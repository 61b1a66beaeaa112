"""What may stand in a filter, for completion: every word with what it means. Pure."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from agentiq_core.connectors.registry import MARKETPLACES
from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.filters import Names, Whose, typed_words
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.team import Colleague, Tag
from agentiq_core.domain.views import SellerStatus
from agentiq_tui.locale import _, language
from agentiq_tui.wording import CHANNELS, PRIORITIES, STATUSES, marketplace_name, marketplace_short, said


@dataclass(frozen=True, slots=True)
class FilterWord:
    """A word of a filter and what it means."""

    word: str
    meaning: str


def names(colleagues: Iterable[Colleague]) -> Names:
    """What typed words may stand for at this desk."""
    return Names(
        marketplaces={marketplace_short(one).lower(): one for one in MARKETPLACES},
        people={one.handle.lower(): one.id for one in colleagues},
    )


def words(
    colleagues: Sequence[Colleague], tags: Sequence[Tag], sellers: Sequence[SellerStatus]
) -> list[FilterWord]:
    """Everything that may be typed, in the language of the screen."""
    return list(dict.fromkeys(_words(colleagues, tags, sellers)))


def matching(known: Sequence[FilterWord], typed: str) -> list[FilterWord]:
    """The words that complete the last one of what is typed; all of them behind a space."""
    begun = "" if not typed or typed[-1].isspace() else typed.split()[-1].casefold()
    if not begun:
        present = set(typed.split())
        return [one for one in known if one.word not in present]
    first = [one for one in known if one.word.casefold().startswith(begun)]
    meant = [one for one in known if one not in first and begun in one.meaning.casefold()]
    return [one for one in (*first, *meant) if one.word.casefold() != begun]


def completed(typed: str, word: FilterWord) -> str:
    """What is typed with its last, begun word made whole."""
    kept = typed if not typed or typed[-1].isspace() else " ".join(typed.split()[:-1])
    return f"{kept.strip()} {word.word} ".lstrip()


def _words(
    colleagues: Sequence[Colleague], tags: Sequence[Tag], sellers: Sequence[SellerStatus]
) -> Iterator[FilterWord]:
    yield FilterWord(_typed(Whose.ME), _("mine"))
    yield FilterWord(_typed(Whose.NOBODY), _("nobody's"))
    for priority in (Priority.URGENT, Priority.HIGH):
        yield FilterWord(_typed(priority), _(PRIORITIES[priority]))
    used = sorted({seller.marketplace for seller in sellers})
    if len(used) > 1:
        for marketplace in used:
            yield FilterWord(marketplace_short(marketplace).lower(), marketplace_name(marketplace))
    for channel in Channel:
        yield FilterWord(_typed(channel.value), said(CHANNELS, channel.value))
    for stars, meaning in (("★1-3", _("bad reviews")), ("★4-5", _("good reviews"))):
        yield FilterWord(stars, meaning)
    for tag in tags:
        yield FilterWord(f"#{tag.name}", _("tag"))
    for colleague in colleagues:
        yield FilterWord(f"@{colleague.handle}", colleague.name)
    if len(sellers) > 1:
        for seller in sellers:
            yield FilterWord(f"seller:{seller.seller_id}", seller.name)
    for status in (ChatStatus.WAITING, ChatStatus.CLIENT_REPLIED, ChatStatus.RESPONDED, ChatStatus.CLOSED):
        yield FilterWord(_typed(status), _(STATUSES[status]))
    yield FilterWord(_typed("unread"), _("not read yet"))
    yield FilterWord(_typed("snoozed"), _("put off"))


def _typed(value: object) -> str:
    """The word of the screen's language for a value, else the one that is always understood."""
    known = typed_words(value)
    latin = language() != "ru"
    return next((word for word in known if word.lstrip("!@")[:1].isascii() is latin), known[0])
