"""Settings: the environment, then the file, then defaults; errors are one line that names what to mend."""

from __future__ import annotations

from pathlib import Path

import pytest

from agentiq_core.config import Settings, load
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.home import home_dir


@pytest.fixture
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """An empty home of this test's own."""
    monkeypatch.setenv("AGENTIQ_HOME", str(tmp_path))
    return tmp_path


def test_everything_has_a_default(home: Path) -> None:
    settings = load()
    assert settings == Settings(home=home)
    assert (settings.database_url, settings.team_key, settings.worker) == (None, None, True)
    assert (settings.undo_seconds, settings.unknown_after_seconds, settings.lease_seconds) == (5, 90, 30)


def test_the_file_beats_the_defaults_and_the_environment_beats_the_file(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (home / "config.toml").write_text('undo_seconds = 7\nlanguage = "ru"\nunheard_of = true\n')
    monkeypatch.setenv("AGENTIQ_UNDO_SECONDS", "9")
    settings = load()
    assert (settings.undo_seconds, settings.language) == (9, "ru")


def test_a_variable_that_is_set_to_nothing_is_not_set(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("DATABASE_URL", "TEAM_KEY", "UNDO_SECONDS", "POSTGRES_BIN"):
        monkeypatch.setenv(f"AGENTIQ_{name}", "")
    assert load() == Settings(home=home)
    assert load().team_key is None


@pytest.mark.parametrize("named", ["~/desk", "desk", "./desk/../desk"])
def test_a_home_means_the_same_to_settings_and_to_the_file_they_are_read_from(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, named: str
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("AGENTIQ_HOME", named)
    assert load().home == home_dir()
    assert load().home.is_absolute()
    assert "~" not in str(load().home)


def test_without_a_home_it_lies_where_the_desktop_keeps_data(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("AGENTIQ_HOME", "")
    monkeypatch.setenv("XDG_DATA_HOME", str(tmp_path))
    assert load().home == home_dir() == tmp_path / "agentiq"


@pytest.mark.parametrize("content", [b"undo_seconds = ", b"[half", b"\xff\xfe\x00", b'language = "ru'])
def test_a_half_written_file_is_named_in_one_line(home: Path, content: bytes) -> None:
    (home / "config.toml").write_bytes(content)
    with pytest.raises(Misconfigured) as wrong:
        load()
    assert str(home / "config.toml") in str(wrong.value)
    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.skipif(
    not Path("/proc/self/mem").exists(), reason="needs a file that is there and cannot be read"
)
def test_a_file_that_cannot_be_read_is_named_in_one_line(home: Path) -> None:
    (home / "config.toml").symlink_to("/proc/self/mem")
    with pytest.raises(Misconfigured, match=r"config\.toml cannot be read") as wrong:
        load()
    assert len(str(wrong.value).splitlines()) == 1


@pytest.mark.parametrize(
    ("name", "value"),
    [("UNDO_SECONDS", "soon"), ("UNDO_SECONDS", "-1"), ("POLL_SECONDS", "0"), ("LEASE_SECONDS", "1e9")],
)
def test_a_value_that_cannot_be_is_named_in_one_line(
    home: Path, monkeypatch: pytest.MonkeyPatch, name: str, value: str
) -> None:
    monkeypatch.setenv(f"AGENTIQ_{name}", value)
    with pytest.raises(Misconfigured, match=name.lower()) as wrong:
        load()
    assert len(str(wrong.value).splitlines()) == 1


def test_a_wrong_database_address_does_not_repeat_its_password(
    home: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIQ_DATABASE_URL", "mysql://somebody:verysecret@db/desk")
    with pytest.raises(Misconfigured, match="database_url") as wrong:
        load()
    said = f"{wrong.value} {wrong.value.params} {wrong.value.__cause__} {wrong.value!r}"
    assert "verysecret" not in said
    assert "postgresql://" in said


def test_a_right_database_address_is_never_shown_whole(home: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AGENTIQ_DATABASE_URL", "postgresql://somebody:verysecret@db/desk")
    settings = load()
    assert settings.database_url is not None
    assert settings.database_url.get_secret_value().endswith("@db/desk")
    assert "verysecret" not in f"{settings!r} {settings} {settings.model_dump()}"


def test_settings_cannot_be_changed_on_the_way(home: Path) -> None:
    with pytest.raises(ValueError, match="frozen"):
        load().undo_seconds = 1  # type: ignore[misc]
