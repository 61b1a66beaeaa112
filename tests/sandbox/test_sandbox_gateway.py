"""Tokens and rate limits: what the gateway answers before anything is read."""

from __future__ import annotations

from datetime import timedelta

import jwt
import pytest

from agentiq_core.sandbox import Account, Sandbox, Scope
from tests.sandbox.sandbox_client import Api


async def status(api: Api, token: str) -> tuple[int, str]:
    api.headers = {"Authorization": token} if token else {}
    answer = await api.chats()
    body = answer.json()
    return answer.status_code, body.get("detail", "")


async def test_a_token_is_taken_bare_and_with_bearer(api, seller):
    assert await status(api, seller.token) == (200, "")
    assert await status(api, f"Bearer {seller.token}") == (200, "")


async def test_the_claims_are_those_of_a_real_token(seller):
    claims = jwt.decode(seller.token, options={"verify_signature": False})
    assert {"id", "s", "acc", "exp", "sid", "oid", "uid"} <= claims.keys()
    assert (claims["acc"], claims["sid"]) == (3, seller.sid)
    assert claims["s"] >> 9 & 1 == 1
    assert claims["s"] >> 30 & 1 == 0


@pytest.mark.parametrize(("token", "words"), [("", "empty"), ("abc", "segments"), ("a.b!.c", "malformed")])
async def test_a_malformed_token_is_refused(api, token, words):
    code, detail = await status(api, token)
    assert code == 401
    assert detail.startswith("token problem; ")
    assert words in detail


async def test_a_token_of_another_issuer_is_refused(api, client, seller):
    async with Sandbox(seed=99) as foreign:
        code, detail = await status(api, foreign.wildberries.add_seller("Чужой").token)
    assert (code, "signature is invalid" in detail) == (401, True)


async def test_expired_revoked_unscoped_and_test_tokens_are_refused(api, sandbox, seller, clock):
    market = sandbox.wildberries
    short = market.issue_token(seller, expires_in=timedelta(seconds=10))
    assert (await status(api, short))[0] == 200
    clock.advance(10)
    assert "expired" in (await status(api, short))[1]
    assert await status(api, market.issue_token(seller, scopes=[Scope.FEEDBACKS])) == (
        401,
        "token scope not allowed",
    )
    assert await status(api, market.issue_token(seller, account=Account.TEST)) == (
        401,
        "token scope not allowed",
    )
    market.revoke(seller)
    assert (await status(api, seller.token))[0] == 401
    assert (await status(api, market.issue_token(seller)))[0] == 200


async def test_a_read_only_token_reads_but_does_not_write(api, sandbox, seller, chat):
    api.headers = {"Authorization": sandbox.wildberries.issue_token(seller, read_only=True)}
    sign = (await api.chats()).json()["result"][0]["replySign"]
    refused = await api.send(sign, "Здравствуйте!")
    assert refused.status_code == 403
    assert refused.headers["content-type"].startswith("application/problem+json")
    assert seller.api_messages() == []


async def test_ten_requests_at_once_then_one_a_second_per_method(api, sandbox, clock):
    sandbox.rate_limits = True
    answers = [await api.chats() for _ in range(11)]
    assert [answer.status_code for answer in answers] == [200] * 10 + [429]
    assert [answer.headers.get("X-Ratelimit-Remaining") for answer in answers] == [
        *map(str, range(9, -1, -1)),
        None,
    ]
    headers = answers[-1].headers
    limit, retry, reset = (headers[f"X-Ratelimit-{name}"] for name in ("Limit", "Retry", "Reset"))
    assert (limit, retry, reset) == ("10", "1", "10")
    assert (await api.events()).status_code == 200
    clock.advance(1)
    assert [(await api.chats()).status_code for _ in range(2)] == [200, 429]


async def test_two_tokens_of_one_account_share_its_limit(api, sandbox, seller):
    sandbox.rate_limits = True
    for _ in range(10):
        await api.chats()
    api.headers = {"Authorization": sandbox.wildberries.issue_token(seller)}
    assert (await api.chats()).status_code == 429


async def test_a_base_token_may_ask_once_an_hour_and_download_every_six_minutes(client, sandbox, clock):
    sandbox.rate_limits = True
    api = Api(client, sandbox, sandbox.wildberries.add_seller("База", account=Account.BASE))
    assert (await api.events()).status_code == 200
    refused = await api.events()
    assert (refused.status_code, refused.headers["X-Ratelimit-Retry"]) == (429, "3600")
    clock.advance(3600)
    assert (await api.events()).status_code == 200
    assert [(await api.download("x")).status_code for _ in range(2)] == [400, 429]
    clock.advance(360)
    assert (await api.download("x")).status_code == 400
