"""One template or one piece of knowledge, written: checked by the guardrails as it is typed, previewed on the open chat."""

from __future__ import annotations

import asyncio
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from textual import on
from textual.app import ComposeResult
from textual.containers import Vertical
from textual.content import Content
from textual.timer import Timer
from textual.widget import Widget
from textual.widgets import Input, Static, TextArea

from agentiq_core.domain.errors import Rejected
from agentiq_core.domain.snippets import LONGEST_BODY, LONGEST_NAME, Filled, Snippet, SnippetKind, SnippetText
from agentiq_core.domain.text import inert
from agentiq_core.domain.views import Conversation, SellerStatus, ViolationView
from agentiq_tui.actions import Where
from agentiq_tui.asking import Latest
from agentiq_tui.library_messages import BodyLooked
from agentiq_tui.locale import _
from agentiq_tui.marks import Edit, Kind, Mark, moved
from agentiq_tui.messages import Failed
from agentiq_tui.proofreading import marks_of
from agentiq_tui.rule_messages import FormBuilt, FormRefused
from agentiq_tui.screens.labelled_form import LabelledFormScreen
from agentiq_tui.screens.templating import VARIABLES
from agentiq_tui.shown import list_line, steady, steady_line
from agentiq_tui.widgets.action_text import ActionText, link
from agentiq_tui.widgets.choice import Choice
from agentiq_tui.widgets.conversation_pane import SIGNS
from agentiq_tui.widgets.heading import heading
from agentiq_tui.widgets.labelled import Labelled
from agentiq_tui.widgets.snippet_body import SnippetBody
from agentiq_tui.wording import CHANNELS, INTENTS

if TYPE_CHECKING:
    from agentiq_core.engine.desk import Desk

ANY = ""
PAUSE = 0.3
"""Seconds after the last key until the text is checked and previewed."""
OF_THE_CONVERSATION = frozenset({"return_unasked", "ignored_complaint", "language"})
"""Rules that compare a reply with what the buyer wrote: a text for any buyer is not judged by them."""


class SnippetScreen(LabelledFormScreen[int], keys=Where.SNIPPET):
    """Dismissed with the number of the snippet that was written. `kinds` are those that the operator may write."""

    VERTICAL_BREAKPOINTS = [(0, "-low"), (30, "-tall")]  # noqa: RUF012

    def __init__(
        self,
        desk: Desk,
        shop: SellerStatus,
        chat: Conversation | None,
        snippet: Snippet | None,
        *,
        kind: SnippetKind,
        kinds: tuple[SnippetKind, ...],
    ) -> None:
        super().__init__()
        self._desk = desk
        self._shop = shop
        self._chat = chat
        self._snippet = snippet
        self._kind = kind
        self._kinds = kinds
        self._pause: Timer | None = None
        self._look = Latest(self, self._looked, quiet=True)

    def heading(self) -> str:
        if self._snippet is None:
            return _("Written down for the team")
        fact = self._snippet.said.kind is SnippetKind.KNOWLEDGE
        return _("A piece of knowledge") if fact else _("A template")

    def rows(self) -> list[Labelled]:
        what = self._snippet.said if self._snippet else SnippetText("", "", self._kind)
        anywhere = [
            (ANY, _("every channel")),
            *((one, _(CHANNELS[one])) for one in ("chat", "question")),
        ]
        intents = [(ANY, _("any")), *((one, _(word)) for one, word in INTENTS.items())]
        words = {"ru": _("Russian"), "en": _("English")}
        languages = [(what.language, words.get(what.language, what.language))]
        languages += [(one, word) for one, word in words.items() if one != what.language]
        name = Input(
            what.name, placeholder=_("how it is found"), id="name", compact=True, select_on_focus=False
        )
        rows = [Labelled(_("name"), name)]
        if self._snippet is None and len(self._kinds) > 1:
            kinds = {
                SnippetKind.TEMPLATE: _("template: a reply to start from"),
                SnippetKind.KNOWLEDGE: _("knowledge: what a suggestion may state"),
            }
            rows.append(
                Labelled(_("kind"), Choice([(one, kinds[one]) for one in self._kinds], what.kind, id="kind"))
            )
        return [
            *rows,
            Labelled(_("about"), Choice(intents, what.intent or ANY, id="intent")),
            Labelled(_("where"), Choice(anywhere, what.channel or ANY, id="channel")),
            Labelled(_("language"), Choice(languages, what.language, id="language")),
        ]

    def compose(self) -> ComposeResult:
        with Vertical(id="dialog", classes="-form -labelled -snippet") as dialog:
            dialog.border_title = heading(self.heading())
            yield Vertical(*self.rows(), id="snippet-rows")
            offered = (
                link("{" + name + "} " + word(), f"snippet_{name}") for name, word in VARIABLES.items()
            )
            yield ActionText(Content("   ").join(offered), id="snippet-variables")
            yield SnippetBody(self._snippet.said.body if self._snippet else "")
            yield Static(id="snippet-check")
            yield Static(id="snippet-preview")
            yield Static("", id="form-said")
            yield ActionText("", id="dialog-links")

    def opened(self) -> None:
        self._look.request()

    def link_line(self) -> list[Content]:
        return [link(_("save"), "submit"), link(_("back"), "leave")]

    @property
    def body(self) -> SnippetBody:
        return self.query_one(SnippetBody)

    @property
    def stops(self) -> list[Widget]:
        return [*super().stops, self.body]

    def filled_in(self) -> dict[str, str]:
        return super().filled_in() | {"body": self.body.text}

    def complain(self, field: str, line: str) -> None:
        if field == "body":
            self.rest(line)
            self.body.focus()
        else:
            super().complain(field, line)

    def action_put(self, name: str) -> None:
        """A variable goes where the cursor is."""
        if not self.busy:
            self.body.put_in("{" + name + "}")
            self.body.focus()

    @on(TextArea.Changed)
    def _body_changed(self, event: TextArea.Changed) -> None:
        event.stop()
        self._explain()
        if self._pause is not None:
            self._pause.stop()
        self._pause = self.set_timer(PAUSE, self._look.request)

    @on(TextArea.SelectionChanged)
    def _cursor_moved(self, event: TextArea.SelectionChanged) -> None:
        event.stop()
        self._explain()

    @on(Choice.Changed)
    def _turned(self) -> None:
        # another channel has other rules
        self._look.request()

    async def _looked(self) -> BodyLooked:
        text, filled_in = self.body.text, self.filled_in()
        if not text.strip():
            return BodyLooked(text, (), None)
        channel = filled_in["channel"] or (self._chat.channel if self._chat else "chat")
        own = await self._desk.guard_rules.read(self._shop.seller_id)
        names = [self._chat.buyer_name or "", self._shop.name] if self._chat else [self._shop.name]
        russian = filled_in["language"] == "ru"

        def marks() -> tuple[Mark, ...]:
            from agentiq_core.guardrails import check
            from agentiq_core.language.spelling import unknown_words

            verdict = check(text, channel=channel, marketplace=self._shop.marketplace, own=own)
            violations = [
                ViolationView(one.rule, one.severity.value, one.start, one.end, one.reason)
                for one in verdict.violations
                # a variable is no word that a buyer will see
                if one.rule not in OF_THE_CONVERSATION and not _is_variable(text[one.start : one.end])
            ]
            return marks_of(text, violations, unknown_words(text, names) if russian else ())

        found = await asyncio.to_thread(marks)
        return BodyLooked(text, found, await self._filled(text))

    async def _filled(self, text: str) -> Filled | None:
        if self._chat is None:
            return None
        said = SnippetText("", text)
        shown = Snippet(0, self._shop.seller_id, said, None, datetime.now(UTC))
        return await self._desk.snippets.fill(self._chat.ref, shown)

    def on_body_looked(self, event: BodyLooked) -> None:
        at = self.body.cursor_index
        marks = moved(event.marks, Edit.between(event.text, self.body.text))
        self.body.mark([mark for mark in marks if mark.kind is not Kind.WORD or mark.end != at])
        self._explain()
        self._preview(event)

    def _explain(self) -> None:
        mark, line = self.body.told_mark, self.query_one("#snippet-check", Static)
        line.display = mark is not None
        if mark is not None:
            line.update(Content(f"{SIGNS[mark.kind]} {steady_line(mark.reason)}"))
            line.set_class(mark.kind is Kind.ERROR, "-error")

    def _preview(self, event: BodyLooked) -> None:
        line = self.query_one("#snippet-preview", Static)
        named = [name for name in VARIABLES if "{" + name + "}" in event.text]
        line.display = bool(named)
        if not named:
            return
        if event.filled is None or self._chat is None:
            line.update(Content.styled(_("Open a conversation of this shop to see it filled in"), "$faint"))
            return
        buyer = list_line(self._chat.buyer_name or "") or _("Buyer")
        parts = [Content.styled(f"{buyer}: ", "$faint"), Content(steady(event.filled.text))]
        if event.filled.missing:
            names = ", ".join(VARIABLES[name]() for name in event.filled.missing)
            parts.append(
                Content.styled(
                    "\n" + _("Not known here, so left out: {names}").format(names=names), "$warning"
                )
            )
        line.update(Content.assemble(*parts))

    async def built(self) -> FormBuilt | FormRefused:
        """Keep it; what was wrong with it otherwise."""
        filled_in = self.filled_in()
        name, body = filled_in["name"].strip(), inert(filled_in["body"]).strip()
        if not 0 < len(name) <= LONGEST_NAME:
            return FormRefused("name", _("A name has 1 to {most} characters").format(most=LONGEST_NAME))
        if not 0 < len(body) <= LONGEST_BODY:
            return FormRefused("body", _("A text has 1 to {most} characters").format(most=LONGEST_BODY))
        before = self._snippet
        kind = before.said.kind if before else SnippetKind(filled_in.get("kind", self._kind))
        said = SnippetText(
            name,
            body,
            kind,
            intent=filled_in["intent"] or None,
            channel=filled_in["channel"] or None,
            language=filled_in["language"],
        )
        snippets, seller = self._desk.snippets, self._shop.seller_id
        if before is None:
            return FormBuilt(await snippets.add(seller, said))
        now = await snippets.get(seller, before.id)
        if now.said != before.said or now.archived_at is not None:
            raise Rejected(_("A colleague changed this meanwhile: leave and open it again"))
        await snippets.change(seller, before.id, said)
        return FormBuilt(before.id)

    def _set_busy(self, busy: bool) -> None:
        super()._set_busy(busy)
        self.body.read_only = busy

    def on_failed(self, event: Failed) -> None:
        if event.quiet and self.busy:
            # a check that failed while it is being saved
            return
        super().on_failed(event)


def _is_variable(text: str) -> bool:
    return any("{" + name + "}" in text and len(text) <= len(name) + 4 for name in VARIABLES)
