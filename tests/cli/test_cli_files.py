"""`agentiq chats file`: what a buyer attached, on this machine's disk and nowhere else."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentiq_core.sandbox import SandboxSeller
from agentiq_core.sandbox.conversation import Moderation, Photo
from agentiq_core.sandbox.drawings import draw_photo, draw_receipt
from tests.cli.cli_team import Team
from tests.cli.conftest import Cli, Market, Result

RECEIPT = draw_receipt("x")


@pytest.fixture
def shop(market: Market) -> SandboxSeller:
    return market.shop()


def attached(cli: Cli, market: Market, shop: SandboxSeller, *photos: Photo) -> tuple[str, str]:
    """A conversation whose buyer sent these files: its number, the message's id."""

    def write() -> None:
        shop.buyer_says(shop.open_chat(client_name="Алёна"), "Смотрите", images=photos)

    market.do(write)
    cli.connected(shop)
    number = str(cli("chats", "list", "--json").json[0]["id"])
    return number, cli("chats", "show", number, "--json").json["messages"][-1]["id"]


def refused(result: Result, *words: str) -> None:
    assert result.code == 1, result
    assert len(result.lines) == 1, result.err
    for word in words:
        assert word in result.err, result.err


def test_a_file_is_saved_where_it_is_wanted_and_never_over_another(
    cli: Cli, market: Market, shop: SandboxSeller, tmp_path: Path
) -> None:
    receipt = Photo(content=RECEIPT, name="../чек\x1b.exe", content_type="application/pdf")
    chat, message = attached(cli, market, shop, receipt)
    shown = cli("chats", "show", chat)
    assert message in shown.out, "people need the id, too"
    folder = tmp_path / "new" / "folder"
    first = cli("chats", "file", chat, message, "--to", str(folder))
    assert first.out == f"{folder}/чек\ufffd.exe.pdf\n"
    again = cli("chats", "file", chat, message, "1", "--to", str(folder), "--json")
    assert again.json == {
        "path": f"{folder}/чек\ufffd.exe (2).pdf",
        "content_type": "application/pdf",
        "bytes": len(RECEIPT),
    }
    assert [path.read_bytes() for path in folder.iterdir()] == [RECEIPT] * 2, "nothing half written stays"
    assert {path.stat().st_mode & 0o777 for path in folder.iterdir()} == {0o600}


def test_without_a_folder_it_goes_to_the_downloads_or_home(
    cli: Cli, market: Market, shop: SandboxSeller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, message = attached(cli, market, shop, Photo(content=draw_photo("a")))
    user = tmp_path / "user"
    (user / ".config").mkdir(parents=True)
    monkeypatch.setenv("HOME", str(user))
    for name in ("XDG_CONFIG_HOME", "XDG_DOWNLOAD_DIR"):
        monkeypatch.delenv(name, raising=False)
    name = f"chat-{chat}-1.png"
    assert cli("chats", "file", chat, message).out.strip() == str(cli.home / "files" / name)
    (user / "Downloads").mkdir()
    assert cli("chats", "file", chat, message).out.strip() == str(user / "Downloads" / name)
    (user / "Загрузки").mkdir()
    (user / ".config" / "user-dirs.dirs").write_text('# x\nXDG_DOWNLOAD_DIR="$HOME/Загрузки"\n', "utf-8")
    assert cli("chats", "file", chat, message).out.strip() == str(user / "Загрузки" / name)


def test_moderation_says_when_to_try_again_or_that_it_refused(
    cli: Cli, market: Market, shop: SandboxSeller
) -> None:
    waiting = Photo(moderation=Moderation.PENDING, wait=500)
    chat, message = attached(cli, market, shop, waiting, Photo(moderation=Moderation.REFUSED))
    refused(cli("chats", "file", chat, message), "in moderation", "seconds")
    held = cli("chats", "file", chat, message, "--json")
    assert (held.code, held.json["error"]) == (1, "in_moderation")
    assert 400 < held.json["retry_after"] <= 500
    refused(cli("chats", "file", chat, message, "2"), "refused this file")
    assert cli("chats", "file", chat, message, "2", "--json").json["error"] == "moderation_refused"


def test_what_cannot_be_had_is_one_line(
    cli: Cli, market: Market, shop: SandboxSeller, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat, message = attached(cli, market, shop, Photo())
    refused(cli("chats", "file", chat, message, "2"), "no file 2", "1")
    refused(cli("chats", "file", chat, "nobody"), "no message nobody")
    refused(cli("chats", "file", "4711", message), "no conversation 4711")
    assert cli("chats", "file", chat, message, "0").code == 2
    (tmp_path / "taken").write_text("a file")
    refused(cli("chats", "file", chat, message, "--to", str(tmp_path / "taken" / "under")), "cannot be saved")
    market.do(lambda: market.sandbox.wildberries.revoke(shop))
    refused(cli("chats", "file", chat, message), "refused the key")


def test_a_machine_without_the_team_key_and_a_viewer_are_told_why_not(team: Team, market: Market) -> None:
    shop, seller = team.connected("Дом и чай")
    market.do(lambda: shop.buyer_says(next(iter(shop.chats)), "Вот", images=1))
    assert team.boss("sync").code == 0
    (chat,) = [str(row["id"]) for row in team.boss("chats", "list", "--json").json]
    message = team.boss("chats", "show", chat, "--json").json["messages"][-1]["id"]
    anna = team.joined("anna@example.org", "operator", "очень-длинный-пароль", "--seller", str(seller))
    refused(anna("chats", "file", chat, message), "no team key", "agentiq team-key set")
    oleg = team.joined("oleg@example.org", "viewer", "ещё-длиннее-пароль", "--seller", str(seller))
    refused(oleg("chats", "file", chat, message), "Your role")
    saved = team.boss("chats", "file", chat, message, "--to", str(team.home))
    assert saved.out == f"{team.home}/chat-{chat}-1.png\n"
