"""A model's key stays on this machine, and goes to the one host that it was given for."""

from __future__ import annotations

from pathlib import Path

import pytest
from pydantic import SecretStr

from agentiq_core.config import Settings
from agentiq_core.domain.errors import Misconfigured
from agentiq_core.identity.model_keys import FRESH_SECONDS, ModelKeys
from agentiq_core.identity.plain_file import PlainFile

USUAL = "https://api.deepseek.com"
KEY = "sk-never-shown"


@pytest.fixture
def secrets(tmp_path: Path) -> PlainFile:
    return PlainFile(tmp_path / PlainFile.NAME)


def got(keys: ModelKeys, address: str, profile: str = "deepseek") -> str | None:
    found = keys.get(profile, address, usual=USUAL)
    return None if found is None else found.get_secret_value()


def test_a_key_is_kept_for_a_profile_and_a_host(secrets: PlainFile) -> None:
    keys = ModelKeys(secrets)
    assert got(keys, USUAL) is None
    keys.set("deepseek", f"{USUAL}/v1", KEY)
    assert got(keys, f"{USUAL}/beta") == KEY
    for other in ("https://evil.example", "http://api.deepseek.com", "https://api.deepseek.com:8443"):
        assert got(keys, other) is None
    assert got(keys, USUAL, "openrouter") is None
    keys.delete("deepseek")
    assert got(keys, USUAL) is None


def test_what_another_process_keeps_is_seen_after_a_moment(secrets: PlainFile) -> None:
    now = [0.0]
    keys = ModelKeys(secrets, clock=lambda: now[0])
    assert got(keys, USUAL) is None
    ModelKeys(secrets).set("deepseek", USUAL, KEY)
    assert got(keys, USUAL) is None
    now[0] = FRESH_SECONDS + 1
    assert got(keys, USUAL) == KEY


@pytest.mark.parametrize(
    ("url", "there"), [(None, USUAL), ("https://proxy.example/v1", "https://proxy.example")]
)
def test_a_key_of_the_environment_goes_first_and_to_its_own_address_alone(
    secrets: PlainFile, tmp_path: Path, url: str | None, there: str
) -> None:
    given = Settings(home=tmp_path, model_key=SecretStr("from-outside"), model_url=url)
    keys = ModelKeys(secrets, settings=given)
    keys.set("deepseek", "https://elsewhere.example", KEY)
    assert got(keys, there) == "from-outside"
    assert got(keys, "https://elsewhere.example") is None
    assert got(keys, USUAL, "openrouter") is None


def test_a_machine_that_keeps_no_secrets_says_where_the_key_belongs() -> None:
    keys = ModelKeys()
    assert not keys.keeps
    with pytest.raises(Misconfigured, match="AGENTIQ_MODEL_KEY"):
        keys.set("deepseek", USUAL, KEY)
    keys.delete("deepseek")


def test_a_key_is_in_no_representation(secrets: PlainFile) -> None:
    keys = ModelKeys(secrets)
    keys.set("deepseek", USUAL, KEY)
    assert KEY not in f"{keys!r} {keys.get('deepseek', USUAL, usual=USUAL)!r}"
