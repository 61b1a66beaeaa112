"""The marketplaces AgentIQ speaks with, and what it costs to ask."""

from __future__ import annotations

import subprocess
import sys

import pytest

from agentiq_core.connectors.base import Credentials, KeyReport, RateLimit
from agentiq_core.connectors.registry import MARKETPLACES, marketplace
from agentiq_core.connectors.wildberries.claims import WildberriesClaims
from agentiq_core.connectors.wildberries.client import WildberriesConnector
from agentiq_core.connectors.wildberries.questions import WildberriesQuestions
from agentiq_core.connectors.wildberries.reviews import WildberriesReviews
from agentiq_core.domain.errors import NotFound
from tests.connectors.wildberries_answers import make_key


def test_every_marketplace_is_listed_under_its_own_id() -> None:
    assert all(known.id == name for name, known in MARKETPLACES.items())
    assert "wildberries" in MARKETPLACES


def test_an_unknown_marketplace_is_not_found() -> None:
    with pytest.raises(NotFound):
        marketplace("bazaar")


@pytest.mark.parametrize(
    ("channel", "kind"),
    [
        ("chat", WildberriesConnector),
        ("review", WildberriesReviews),
        ("question", WildberriesQuestions),
        ("claim", WildberriesClaims),
    ],
)
async def test_each_channel_of_wildberries_has_a_line_of_its_own(channel: str, kind: type) -> None:
    line = marketplace("wildberries").connect(Credentials(make_key()), channel=channel)
    assert isinstance(line, kind)
    await line.aclose()


async def test_connecting_makes_the_marketplaces_own_line() -> None:
    line = marketplace("wildberries").connect(Credentials(make_key()))
    assert isinstance(line, WildberriesConnector)
    await line.aclose()


def test_wildberries_declares_its_limits_on_replies() -> None:
    capabilities = marketplace("wildberries").capabilities("chat")
    assert capabilities.text_limit == 1000
    assert capabilities.files.content_types == {"image/jpeg", "image/png", "application/pdf"}
    assert (capabilities.files.max_bytes, capabilities.files.max_total_bytes) == (5 << 20, 30 << 20)
    assert (capabilities.can_mark_read, capabilities.has_receipts) == (False, False)


def test_wildberries_declares_its_other_channels() -> None:
    channels = marketplace("wildberries").channels
    assert list(channels) == ["chat", "review", "question", "claim"]
    review, question, claim = (channels[name] for name in ("review", "question", "claim"))
    assert (review.text_least, review.text_limit, review.one_answer) == (2, 5000, True)
    assert (review.can_mark_read, review.can_dismiss, review.can_decline) == (False, False, False)
    assert (question.can_mark_read, question.can_dismiss, question.can_decline) == (True, True, True)
    assert not claim.can_reply


def test_a_usual_key_has_ten_requests_at_once_and_one_a_second() -> None:
    limits = marketplace("wildberries").limits(KeyReport())
    assert {limits[name] for name in ("chats", "events", "message", "download")} == {
        RateLimit(interval=1.0, burst=10)
    }


def test_reviews_and_questions_share_a_bucket_and_claims_and_cards_have_their_own() -> None:
    limits = marketplace("wildberries").limits(KeyReport())
    assert limits["feedbacks"] == RateLimit(interval=0.333, burst=6)
    assert limits["claims"] == RateLimit(interval=3.0, burst=10)
    assert limits["cards"] == RateLimit(interval=0.6, burst=5)


def test_a_base_key_has_one_request_an_hour_and_a_download_in_six_minutes() -> None:
    limits = marketplace("wildberries").limits(KeyReport(slow=True))
    assert limits["events"] == limits["chats"] == limits["message"] == RateLimit(interval=3600.0, burst=1)
    assert limits["download"] == RateLimit(interval=360.0, burst=1)
    assert limits["feedbacks"] == RateLimit(interval=720.0, burst=1)
    assert limits["claims"] == RateLimit(interval=3600.0, burst=1)


def test_importing_the_registry_loads_no_http_and_no_models() -> None:
    heavy = ("httpx", "pydantic", "tenacity", "jwt", "cryptography", "ssl")
    program = f"import sys, agentiq_core.connectors.registry; print([m for m in {heavy} if m in sys.modules])"
    run = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, check=True, timeout=60
    )
    assert run.stdout.strip() == "[]"


_CONNECTED = """
import asyncio, sys
from agentiq_core.connectors.base import Credentials
from agentiq_core.connectors.registry import MARKETPLACES

async def connect(known):
    for channel in known.channels:
        line = known.connect(Credentials({key!r}, client_id="7"), channel=channel)
        await line.aclose()

for known in MARKETPLACES.values():
    known.load()
    before = set(sys.modules)
    asyncio.run(connect(known))
    print(*sorted(set(sys.modules) - before))
"""


def test_what_a_connection_needs_is_loaded_before_so_that_no_event_loop_waits_for_it() -> None:
    code = _CONNECTED.format(key=make_key())
    result = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert result.stdout.split() == []
