"""The app on a scripted desk in a real terminal: `python -m tests.tui.in_a_terminal FILE`; FILE gets what was sent.

While FILE.waits exists, one conversation more waits than before; while FILE.away does, the database answers nothing. $AGENTIQ_TEST_SAID is said by the first buyer
everywhere a buyer, or a seller's card, has a word. $AGENTIQ_TEST_PICTURES are files that he sent, each a picture.
With $AGENTIQ_TEST_TRIPS a "!" at the end of a reply or a note is an error there. With $AGENTIQ_TEST_SIGNED_OUT somebody has to sign in first; FILE.signed gets what they gave.
"""

from __future__ import annotations

import os
import sys
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

from textual.widgets import TextArea

import agentiq_tui.app
from agentiq_core.domain.chats import Queue
from agentiq_core.domain.errors import SignedOut
from agentiq_core.domain.files import FileState, ReceivedFile, sniffed
from agentiq_core.domain.messages import Attachment, AttachmentKind, Product
from agentiq_core.domain.views import Overview
from agentiq_core.engine.access import SignedIn
from agentiq_tui.app import AgentIQApp
from agentiq_tui.messages import OverviewFetched
from agentiq_tui.widgets.composer import Composer
from agentiq_tui.widgets.mention_area import MentionArea
from tests.tui.scripted import NOW, ScriptedDesk, message
from tests.tui.story import OLEG, shop


class PokedDesk(ScriptedDesk):
    """Counts one more while a file says so."""

    def __init__(self, file: Path) -> None:
        super().__init__(shop(), lambda: datetime.now(UTC))
        self._file = file
        self._away = file.with_suffix(".away")
        self._signed_out = "AGENTIQ_TEST_SIGNED_OUT" in os.environ
        if self._signed_out:
            self.who = replace(self.who, email="")

    def _called(self, name: str, *facts: object) -> None:
        self.away = self._away.exists()
        super()._called(name, *facts)

    async def sign_in(self, email: str, password: str) -> SignedIn:
        self._signed_out = False
        self._file.with_suffix(".signed").write_text(f"{email}\n{password}")
        return await super().sign_in(email, password)

    async def overview(self) -> Overview:
        if self._signed_out:
            raise SignedOut("over")
        found = await super().overview()
        if self._file.exists():
            return replace(found, counts={**found.counts, Queue.WORK: found.counts[Queue.WORK] + 1})
        return found


def says(desk: ScriptedDesk, text: str) -> None:
    """The first buyer says this, is called this, and asks about this."""
    chat = desk.chats[OLEG]
    chat.buyer, chat.seller = text, text
    chat.product = Product("102", text, text, size=text)
    chat.messages = [replace(message, text=text) for message in chat.messages]
    assert chat.suggestion is not None
    chat.suggestion = replace(chat.suggestion, text=text, evidence=(text,))


def sends(desk: ScriptedDesk, files: list[Path]) -> None:
    """The first buyer sent these as pictures, in one message."""
    pictures = tuple(Attachment(AttachmentKind.IMAGE, download_id=file.name) for file in files)
    desk.chats[OLEG].messages.append(
        message(20, "Вот фото", NOW - timedelta(minutes=4), attachments=pictures)
    )
    for number, file in enumerate(files, 1):
        content = file.read_bytes()
        desk.files["m20", number] = [ReceivedFile(FileState.READY, file.name, sniffed(content), content)]


class CrashingApp(AgentIQApp):
    """Dies with a buyer's words at hand."""

    CSS_PATH = Path(agentiq_tui.app.__file__).with_name("app.tcss")

    def on_overview_fetched(self, event: OverviewFetched) -> None:
        words = os.environ["AGENTIQ_TEST_CRASH"]
        raise RuntimeError(words)


def trip() -> None:
    """The field of a reply or a note breaks at a "!", before anybody hears that it was typed."""
    told = MentionArea.on_text_area_changed

    def on_text_area_changed(self: MentionArea, event: TextArea.Changed) -> None:
        if self.text.endswith("!"):
            raise RuntimeError(self.text)
        told(self, event)

    MentionArea.on_text_area_changed = on_text_area_changed  # type: ignore[method-assign]
    shown = Composer.refresh_count

    def refresh_count(self: Composer) -> None:
        shown(self)
        if self.text.endswith("!"):
            raise RuntimeError(self.text)

    Composer.refresh_count = refresh_count  # type: ignore[method-assign]


def main() -> None:
    if "AGENTIQ_TEST_TRIPS" in os.environ:
        trip()
    desk = PokedDesk(Path(sys.argv[1] + ".waits"))
    if said := os.environ.get("AGENTIQ_TEST_SAID"):
        says(desk, Path(said).read_text(encoding="utf-8", errors="surrogatepass"))
    if sent := os.environ.get("AGENTIQ_TEST_PICTURES"):
        sends(desk, [Path(name) for name in sent.split(os.pathsep)])
    kind = CrashingApp if "AGENTIQ_TEST_CRASH" in os.environ else AgentIQApp
    app = kind(desk.opened, language="ru")
    app.run(mouse=app.preferences.mouse)
    if app.return_code:
        sys.exit(app.return_code)
    Path(sys.argv[1]).write_text("\n".join(str(text) for _ref, text, *_ in desk.called("reply")))
    fetched = [str(number) for _ref, _message, number in desk.called("file")]
    Path(sys.argv[1] + ".fetched").write_text("\n".join(fetched))


if __name__ == "__main__":
    main()
