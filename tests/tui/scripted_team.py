"""The team's part of the scripted desk: notes, tags, assignment, presence, saved views, bulk actions, colleagues, the log."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, Callable, Collection, Iterable, Iterator, Sequence
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

from agentiq_core.domain.chats import ChatStatus, Queue
from agentiq_core.domain.drafts import REPLY, DraftKey, DraftView, LeftDraft
from agentiq_core.domain.errors import NotFound, Rejected
from agentiq_core.domain.filters import EVERYTHING, Names, QueueFilter, Whose
from agentiq_core.domain.messages import Channel
from agentiq_core.domain.team import (
    AssignmentRule,
    AuditKey,
    AuditLine,
    AuditPage,
    BulkReport,
    Colleague,
    FilteredCount,
    MentionView,
    NoteView,
    Onlooker,
    SavedView,
    Tag,
    ViewRef,
    mentioned,
)
from agentiq_core.domain.views import ChatRef
from agentiq_core.engine.bulk import AddTag, Assign, Found, NoReplyNeeded, RemoveTag, Reopen, Snooze

if TYPE_CHECKING:
    from tests.tui.scripted import Chat, ScriptedDesk

ANNA, BORIS, VERA = 1, 2, 3
FAR = datetime(9999, 1, 1, tzinfo=UTC)
PEOPLE = (
    Colleague(ANNA, "Анна Петрова", "anna@example.org", "operator", frozenset({1, 2}), here=True),
    Colleague(BORIS, "Борис Ким", "boris@example.org", "operator", frozenset({1, 2}), here=True),
    Colleague(VERA, "Вера", "vera@example.org", "viewer", frozenset({1})),
)
NAMES = Names(
    marketplaces={"wb": "wildberries", "ozon": "ozon"}, people={one.handle: one.id for one in PEOPLE}
)


def team_facts(facts: dict[str, Any]) -> dict[str, Any]:
    """The team's part of a line of the queue."""
    found = {name: facts.get(name) for name in ("assignee", "assignee_name", "snoozed_until")}
    return found | {"tags": facts.get("tags", ()), "notes": len(facts.get("notes", ()))}


def each(refs: ChatRef | Iterable[ChatRef]) -> list[ChatRef]:
    """One or many, as a list."""
    return [refs] if isinstance(refs, ChatRef) else list(refs)


def name_of(operator: int | None) -> str | None:
    """What a colleague is called."""
    return next((one.name for one in PEOPLE if one.id == operator), None)


def passes(chat: Chat, narrowed: QueueFilter) -> bool:
    """Whether a filter lets this conversation through."""
    facts = chat.facts
    whose = facts.get("assignee")
    wanted = {Whose.ME: ANNA, Whose.NOBODY: None}.get(narrowed.assignee, narrowed.assignee)  # type: ignore[call-overload]
    stars = facts.get("stars")
    return (
        narrowed.marketplace in (None, chat.marketplace)
        and narrowed.seller in (None, chat.ref.seller_id)
        and narrowed.channel in (None, facts.get("channel", Channel.CHAT))
        and narrowed.status in (None, chat.status)
        and narrowed.priority in (None, chat.priority)
        and (narrowed.assignee is None or whose == wanted)
        and (narrowed.tag is None or narrowed.tag in facts.get("tags", ()))
        and (
            narrowed.stars is None or (stars is not None and narrowed.stars[0] <= stars <= narrowed.stars[1])
        )
        and (narrowed.snoozed is None or narrowed.snoozed is (facts.get("snoozed_until") is not None))
        and (narrowed.unread is None or narrowed.unread is (chat.unread > 0))
    )


class _Part:
    def __init__(self, desk: ScriptedDesk) -> None:
        self._desk = desk

    def _called(self, name: str, *facts: object) -> None:
        self._desk._called(name, *facts)

    def _chat(self, ref: ChatRef) -> Chat:
        return self._desk._chat(ref)

    def _set(self, ref: ChatRef, **facts: object) -> None:
        self._chat(ref).facts.update(facts)
        self._desk.change(ref)


class ScriptedColleagues(_Part):
    """`PEOPLE`; this operator is Anna."""

    async def every(self) -> tuple[Colleague, ...]:
        self._called("colleagues.every")
        return PEOPLE

    async def of(self, seller_id: int) -> tuple[Colleague, ...]:
        self._called("colleagues.of", seller_id)
        return tuple(one for one in PEOPLE if one.may_be_given(seller_id))

    async def names(self) -> Names:
        return NAMES


class ScriptedNotes(_Part):
    """Notes live in `facts["notes"]` of their conversation."""

    async def of(self, ref: ChatRef) -> tuple[NoteView, ...]:
        self._called("notes.of", ref)
        return self._notes(ref)

    async def add(self, ref: ChatRef, text: str, mentions: Iterable[int] = ()) -> NoteView:
        self._called("notes.add", ref, text)
        if not text.strip():
            raise Rejected("a note has a text")
        return self._put(ref, ANNA, text.strip(), {*mentions, *mentioned(text, PEOPLE)})

    def says(self, ref: ChatRef, by: int, text: str) -> NoteView:
        """A colleague writes a note."""
        return self._put(ref, by, text, set(mentioned(text, PEOPLE)))

    async def edit(self, ref: ChatRef, note_id: int, text: str, mentions: Iterable[int] = ()) -> NoteView:
        self._called("notes.edit", ref, note_id, text)
        note = replace(self._own(ref, note_id), text=text, edited_at=self._desk.clock())
        self._set(ref, notes=tuple(note if one.id == note_id else one for one in self._notes(ref)))
        return note

    async def delete(self, ref: ChatRef, note_id: int) -> None:
        self._called("notes.delete", ref, note_id)
        self._own(ref, note_id)
        self._set(ref, notes=tuple(one for one in self._notes(ref) if one.id != note_id))

    async def mentions(
        self, *, unseen: bool = False, before: datetime | None = None, limit: int = 50
    ) -> tuple[MentionView, ...]:
        self._called("notes.mentions", unseen)
        found = [one for one in self._mentions(unseen) if before is None or one.note.created_at < before]
        return tuple(sorted(found, key=lambda one: one.note.created_at, reverse=True))[:limit]

    async def seen(self, ref: ChatRef) -> int:
        self._called("notes.seen", ref)
        new = {one.note.id for one in self._mentions(True) if one.note.ref == ref}
        self._desk.seen_notes |= new
        return len(new)

    def _mentions(self, unseen: bool) -> Iterator[MentionView]:
        for chat in self._desk.chats.values():
            for note in self._notes(chat.ref):
                seen = note.id in self._desk.seen_notes
                if ANNA in note.mentions and note.operator_id != ANNA and not (unseen and seen):
                    yield MentionView(note, chat.buyer, self._desk.clock() if seen else None)

    def _notes(self, ref: ChatRef) -> tuple[NoteView, ...]:
        found: tuple[NoteView, ...] = self._chat(ref).facts.get("notes", ())
        return found

    def _own(self, ref: ChatRef, note_id: int) -> NoteView:
        note = next((one for one in self._notes(ref) if one.id == note_id), None)
        if note is None:
            raise NotFound("no such note")
        if not note.own:
            raise Rejected("a note is its writer's")
        return note

    def _put(self, ref: ChatRef, by: int, text: str, mentions: set[int], handover: bool = False) -> NoteView:
        number = 1 + max(
            (one.id for chat in self._desk.chats.values() for one in self._notes(chat.ref)), default=0
        )
        note = NoteView(
            number,
            ref,
            by,
            name_of(by) or "?",
            text,
            self._desk.clock(),
            tuple(sorted(mentions)),
            handover,
            own=by == ANNA,
        )
        self._set(ref, notes=(*self._notes(ref), note))
        return note


class ScriptedDrafts(_Part):
    """A reply's draft lives in its conversation, what a colleague left in `facts["left"]`, half-typed notes in `notes`."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.notes: dict[DraftKey, DraftView] = {}

    async def read(self, key: DraftKey) -> DraftView:
        self._called("drafts.read", key)
        return self._held(key)

    async def save(self, key: DraftKey, text: str, known: Collection[str] = ("",)) -> DraftView:
        self._called("save_draft", key.ref, text)
        held = self._held(key)
        unseen = (held.other, "" if held.text in known else held.text)
        draft = DraftView(text, "\n\n".join(one for one in unseen if one and one not in text))
        if key.field == REPLY:
            chat = self._chat(key.ref)
            chat.draft, chat.other = draft.text, draft.other
        else:
            self.notes[key] = draft
        return draft

    async def of_reply(self, ref: ChatRef) -> tuple[DraftView, LeftDraft | None]:
        return self._held(DraftKey(ref)), self._chat(ref).facts.get("left")

    async def take(self, ref: ChatRef, taken: LeftDraft) -> None:
        self._called("drafts.take", ref, taken)
        if self._chat(ref).facts.get("left") == taken:
            self._set(ref, left=None)

    def elsewhere(self, ref: ChatRef, text: str) -> None:
        """The operator's other machine saves this, and knows what was saved before."""
        self._chat(ref).draft = text
        self._desk.change(ref, ANNA)

    def _held(self, key: DraftKey) -> DraftView:
        if key.field != REPLY:
            return self.notes.get(key, DraftView())
        chat = self._chat(key.ref)
        return DraftView(chat.draft, chat.other)


class ScriptedTags(_Part):
    """Tags live in `facts["tags"]`; `known` are the sellers' words."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.known = {"брак": "red", "vip": "violet"}

    async def of(self, seller_id: int | None = None) -> tuple[Tag, ...]:
        self._called("tags.of", seller_id)
        return tuple(Tag(seller_id or 1, name, colour) for name, colour in sorted(self.known.items()))

    async def add(self, refs: ChatRef | Iterable[ChatRef], name: str) -> int:
        self._called("tags.add", each(refs), name)
        QueueFilter(tag=name)
        self.known.setdefault(name, "grey")
        return self._change(refs, lambda tags: {*tags, name})

    async def remove(self, refs: ChatRef | Iterable[ChatRef], name: str) -> int:
        self._called("tags.remove", each(refs), name)
        return self._change(refs, lambda tags: tags - {name})

    async def paint(self, seller_id: int, name: str, colour: str) -> None:
        self._called("tags.paint", seller_id, name, colour)
        self.known[name] = colour

    def _change(self, refs: ChatRef | Iterable[ChatRef], to: Callable[[set[str]], set[str]]) -> int:
        done = 0
        for ref in each(refs):
            had = set(self._chat(ref).facts.get("tags", ()))
            if (now := to(had)) != had:
                done += 1
                self._set(ref, tags=tuple(sorted(now)))
        return done


class ScriptedAssignment(_Part):
    """Whose a conversation is lives in `facts["assignee"]`."""

    me = ANNA

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.rules: dict[int, AssignmentRule] = {}

    async def assign(self, refs: ChatRef | Iterable[ChatRef], to: int | None) -> int:
        self._called("assignment.assign", each(refs), to)
        return self._give(refs, to)

    async def take(self, refs: ChatRef | Iterable[ChatRef]) -> int:
        self._called("assignment.take", each(refs))
        return self._give(refs, ANNA)

    async def claim(self, refs: ChatRef | Iterable[ChatRef], minutes: int | None = None) -> int:
        self._called("assignment.claim", each(refs), minutes)
        until = self._desk.clock() + timedelta(minutes=minutes or 15)
        return self._give(refs, ANNA, claimed_until=until)

    async def hand_over(self, ref: ChatRef, to: int, word: str) -> NoteView:
        self._called("assignment.hand_over", ref, to, word)
        self._give(ref, to)
        return self._desk.notes._put(ref, ANNA, word, {to}, handover=True)

    async def rule(self, seller_id: int) -> AssignmentRule:
        return self.rules.get(seller_id, AssignmentRule())

    async def set_rule(self, seller_id: int, rule: AssignmentRule) -> None:
        self._called("assignment.set_rule", seller_id, rule)
        self.rules[seller_id] = rule

    def _give(self, refs: ChatRef | Iterable[ChatRef], to: int | None, claimed_until: object = None) -> int:
        done = 0
        for ref in each(refs):
            done += self._chat(ref).facts.get("assignee") != to
            self._set(ref, assignee=to, assignee_name=name_of(to), claimed_until=claimed_until)
        return done


class ScriptedPresence(_Part):
    """`come` and `type_there` are what colleagues do."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.looking: dict[ChatRef, dict[int, Onlooker]] = {}
        self.untold = False

    def look(self, ref: ChatRef | None) -> None:
        self._called("presence.look", ref)

    def typing(self, ref: ChatRef) -> None:
        self._called("presence.typing", ref)

    async def others(self, ref: ChatRef) -> tuple[Onlooker, ...]:
        return tuple(self.looking.get(ref, {}).values())

    async def here(self) -> frozenset[int]:
        return frozenset(one.id for one in PEOPLE if one.here)

    async def leave(self) -> None:
        self._called("presence.leave")

    def come(self, ref: ChatRef, operator: int, *, types: bool = False) -> None:
        """A colleague opens this conversation, or types there."""
        now = self._desk.clock()
        typing = now + timedelta(seconds=8) if types else None
        onlooker = Onlooker(operator, name_of(operator) or "?", now + timedelta(seconds=30), typing)
        self.looking.setdefault(ref, {})[operator] = onlooker
        self._tell(ref, operator)

    def go(self, ref: ChatRef, operator: int) -> None:
        """A colleague leaves it."""
        self.looking.get(ref, {}).pop(operator, None)
        self._tell(ref, operator)

    def _tell(self, ref: ChatRef, operator: int) -> None:
        self._chat(ref).facts["presence"] = tuple(self.looking[ref].values())
        self._desk.change(ref, operator)


class ScriptedViews(_Part):
    """Saved views in memory."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.kept: list[SavedView] = []

    async def every(self) -> tuple[SavedView, ...]:
        self._called("views.every")
        return tuple(self.kept)

    async def save(self, name: str, narrowed: QueueFilter, *, share_with: int | None = None) -> SavedView:
        self._called("views.save", name, narrowed, share_with)
        number = 1 + max((one.ref.id for one in self.kept), default=0)
        view = SavedView(ViewRef(share_with or 0, number), name, narrowed, len(self.kept), True)
        self.kept.append(view)
        return view

    async def rename(self, ref: ViewRef, name: str) -> SavedView:
        self._called("views.rename", ref, name)
        return self._change(ref, name=name)

    async def refine(self, ref: ViewRef, narrowed: QueueFilter) -> SavedView:
        self._called("views.refine", ref, narrowed)
        return self._change(ref, filter=narrowed)

    async def remove(self, ref: ViewRef) -> None:
        self._called("views.remove", ref)
        self.kept = [one for one in self.kept if one.ref != ref]

    async def order(self, refs: Sequence[ViewRef]) -> None:
        self._called("views.order", tuple(refs))
        self.kept.sort(key=lambda one: refs.index(one.ref) if one.ref in refs else len(refs))

    def _change(self, ref: ViewRef, **facts: object) -> SavedView:
        for place, one in enumerate(self.kept):
            if one.ref == ref:
                self.kept[place] = replace(one, **facts)  # type: ignore[arg-type]
                return self.kept[place]
        raise NotFound("no such view")


class ScriptedBulk(_Part):
    """Does what is asked, two conversations a step; `refusing` are refused."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.refusing: set[ChatRef] = set()

    async def find(self, found: Found) -> list[ChatRef]:
        self._called("bulk.find", found)
        await self._desk.holding("bulk.find")
        return [chat.ref for chat in self._desk._in(found.queue, found.narrowed)]

    async def run(self, action: object, on: Found | Iterable[ChatRef]) -> AsyncGenerator[BulkReport]:
        refs = await self.find(on) if isinstance(on, Found) else sorted(set(on))
        self._called("bulk.run", action, tuple(refs))
        report = BulkReport(len(refs))
        yield report
        for start in range(0, len(refs), 2):
            for ref in refs[start : start + 2]:
                if ref in self.refusing:
                    report = replace(report, refused={"forbidden": report.not_done + 1})
                else:
                    await self._do(action, ref)
                    report = replace(report, done=report.done + 1)
            yield report

    async def _do(self, action: object, ref: ChatRef) -> None:
        desk = self._desk
        match action:
            case Assign(to):
                desk.assignment._give(ref, to)
            case AddTag(name):
                desk.tags._change(ref, lambda tags: {*tags, name})
            case RemoveTag(name):
                desk.tags._change(ref, lambda tags: tags - {name})
            case Snooze(until):
                self._set(ref, snoozed_until=until)
            case NoReplyNeeded():
                desk.chats[ref].status = ChatStatus.CLOSED
                desk.change(ref)
            case Reopen():
                desk.chats[ref].status = ChatStatus.WAITING
                desk.change(ref)


class ScriptedAudit(_Part):
    """`lines` is the log, newest first; older pages wait for `older`."""

    def __init__(self, desk: ScriptedDesk) -> None:
        super().__init__(desk)
        self.older = asyncio.Event()
        self.older.set()
        now = desk.clock()
        self.lines = [
            AuditLine(2, now, 1, "Уютный дом", ANNA, "Анна Петрова", "chats.assign", "1", {"assignee": [None, ANNA], "by": "person"}),
            AuditLine(1, now - timedelta(hours=1), 0, None, ANNA, "Анна Петрова", "operators.insert", "2", {"role": "operator"}),
        ]  # fmt: skip

    async def page(
        self,
        before: AuditKey | None = None,
        limit: int = 50,
        *,
        seller_id: int | None = None,
        operator_id: int | None = None,
        action: str | None = None,
        subject: str | None = None,
    ) -> AuditPage:
        self._called("audit.page", before, seller_id, operator_id, action, subject)
        found = [
            one
            for one in self.lines
            if (before is None or (one.at, one.id) < before)
            and seller_id in (None, one.seller_id)
            and operator_id in (None, one.operator_id)
            and one.action.startswith(action or "")
            and subject in (None, one.subject)
        ]
        if before is not None:
            await self.older.wait()
        more = len(found) > limit
        return AuditPage(
            tuple(found[:limit]), AuditKey(found[limit - 1].at, found[limit - 1].id) if more else None
        )


class ScriptedTeam:
    """What a scripted desk knows of the team; `ScriptedDesk` is one."""

    if TYPE_CHECKING:
        chats: dict[ChatRef, Chat]
        notes: ScriptedNotes

    def staff(self: ScriptedDesk) -> None:  # type: ignore[misc]
        """Hang every part on the desk."""
        self.seen_notes: set[int] = set()
        self.colleagues = ScriptedColleagues(self)
        self.notes = ScriptedNotes(self)
        self.drafts = ScriptedDrafts(self)
        self.tags = ScriptedTags(self)
        self.assignment = ScriptedAssignment(self)
        self.presence = ScriptedPresence(self)
        self.views = ScriptedViews(self)
        self.bulk = ScriptedBulk(self)
        self.audit = ScriptedAudit(self)

    def _in(self, queue: Queue, filter: QueueFilter = EVERYTHING) -> list[Chat]:
        chats = [chat for chat in self.chats.values() if passes(chat, filter)]
        if queue is Queue.ALL:
            return sorted(chats, key=lambda chat: chat.messages[-1].sent_at, reverse=True)
        return sorted(
            (chat for chat in chats if filter.snoozed or chat.queue is queue),
            key=lambda chat: (chat.due_at or FAR, chat.ref),
        )

    def team_counts(self) -> dict[str, int]:
        """The team's part of the overview."""
        return {
            "snoozed": sum(chat.facts.get("snoozed_until") is not None for chat in self.chats.values()),
            "mine": sum(chat.facts.get("assignee") == ANNA for chat in self.chats.values() if chat.queue),
            "mentions": len(list(self.notes._mentions(True))),
        }

    async def count(self, queue: Queue, filter: QueueFilter, limit: int = 99) -> FilteredCount:
        """As many as the filter lets through."""
        found = len(self._in(queue, filter))
        return FilteredCount(min(found, limit), found > limit)
