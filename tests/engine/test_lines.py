"""Lines to marketplaces, and what is found out about a key before and when it is used."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from cryptography.fernet import Fernet

from agentiq_core.connectors.base import Credentials, KeyProblem
from agentiq_core.connectors.errors import KeyRefused, ServerFailed, Unreachable
from agentiq_core.domain.errors import DuplicateAccount, NotFound, Rejected, VaultLocked
from agentiq_core.engine.context import Engine
from agentiq_core.engine.lines import Lines
from agentiq_core.engine.sellers import add_seller, check_key
from agentiq_core.identity.vault import Vault
from agentiq_core.sandbox import Account, Fault, FaultKind, Sandbox, SandboxSeller, Scope
from tests.scene import IMPATIENT, Scene, connect

WILDBERRIES = IMPATIENT["wildberries"]


def credentials(sandbox: Sandbox, token: str) -> Credentials:
    return Credentials(secret=token, base_url=f"{sandbox.url}/wildberries")


async def test_a_line_is_opened_once_and_anew_when_the_key_is_replaced(scene: Scene) -> None:
    lines = scene.engine.lines
    first = await lines.to(scene.seller_id)
    assert await lines.to(scene.seller_id) is first
    await scene.sql(
        "update seller_credentials set ciphertext = :sealed, replaced_at = now()",
        sealed=scene.engine.vault.seal(scene.sandbox.wildberries.issue_token(scene.shop)),
    )
    second = await lines.to(scene.seller_id)
    assert second is not first
    assert await lines.to(scene.seller_id) is second
    assert await second.pulling().chats() == ()


async def test_there_is_no_line_to_nobody(scene: Scene) -> None:
    with pytest.raises(NotFound):
        await scene.engine.lines.to(404)


async def test_another_machines_team_key_opens_no_line(scene: Scene) -> None:
    lines = Lines(scene.engine.store, Vault(Fernet.generate_key().decode()), budgets=False)
    with pytest.raises(VaultLocked):
        await lines.to(scene.seller_id)


async def test_a_key_that_expires_while_connected_is_refused_without_a_request(scene: Scene) -> None:
    expired = scene.sandbox.wildberries.issue_token(scene.shop, expires_in=timedelta(seconds=-1))
    await scene.sql(
        "update seller_credentials set ciphertext = :sealed, replaced_at = now()",
        sealed=scene.engine.vault.seal(expired),
    )
    before = scene.requests("events")
    assert (await scene.pull()).trouble == "key_refused"
    assert scene.requests("events") == before
    assert (await scene.overview()).sellers[0].trouble_detail == KeyProblem.EXPIRED


async def test_a_good_key_is_tried_with_one_request(sandbox: Sandbox, shop: SandboxSeller) -> None:
    shop.open_chat()
    checked = await check_key(WILDBERRIES, credentials(sandbox, shop.token))
    assert (checked.tried, checked.chats, checked.report.kind) == (True, 1, "personal")
    assert checked.report.account_id == shop.sid
    assert checked.report.expires_at is not None
    assert checked.report.expires_at > datetime.now(UTC)


async def test_the_hours_only_request_of_a_slow_key_is_not_spent_on_a_trial(
    sandbox: Sandbox, shop: SandboxSeller
) -> None:
    token = sandbox.wildberries.issue_token(shop, account=Account.BASE)
    checked = await check_key(WILDBERRIES, credentials(sandbox, token))
    assert (checked.tried, checked.report.slow) == (False, True)
    assert sum(sandbox.wildberries.requests.values()) == 0


@pytest.mark.parametrize(
    ("problem", "options"),
    [
        (KeyProblem.EXPIRED, {"expires_in": timedelta(days=-1)}),
        (KeyProblem.NO_CHAT_SCOPE, {"scopes": [Scope.CONTENT]}),
        (KeyProblem.TEST_KEY, {"account": Account.TEST}),
    ],
)
async def test_a_key_that_cannot_work_is_refused_with_its_problem(
    sandbox: Sandbox, shop: SandboxSeller, problem: KeyProblem, options: dict[str, object]
) -> None:
    token = sandbox.wildberries.issue_token(shop, **options)  # type: ignore[arg-type]
    with pytest.raises(KeyRefused) as refused:
        await check_key(WILDBERRIES, credentials(sandbox, token))
    assert refused.value.detail == problem
    assert sum(sandbox.wildberries.requests.values()) == 0


async def test_what_is_no_key_at_all_is_said_to_be_malformed(sandbox: Sandbox) -> None:
    with pytest.raises(KeyRefused) as refused:
        await check_key(WILDBERRIES, credentials(sandbox, "не ключ"))
    assert refused.value.detail == KeyProblem.MALFORMED


async def test_a_withdrawn_key_is_refused_in_the_marketplaces_words(
    sandbox: Sandbox, shop: SandboxSeller
) -> None:
    sandbox.wildberries.revoke(shop)
    with pytest.raises(KeyRefused) as refused:
        await check_key(WILDBERRIES, credentials(sandbox, shop.token))
    assert "withdrawn" in refused.value.detail
    assert shop.token not in str(refused.value)


async def test_a_marketplace_that_does_not_answer_stores_no_seller(engine: Engine, sandbox: Sandbox) -> None:
    shop = sandbox.wildberries.add_seller("Дом и чай")
    sandbox.faults.add(Fault("chats", FaultKind.SERVER_ERROR, times=None))
    with pytest.raises(ServerFailed):
        await connect(engine, sandbox, shop)
    with pytest.raises(Unreachable):
        await add_seller(
            engine, "wildberries", "Дом", Credentials(secret=shop.token, base_url="http://127.0.0.1:1")
        )
    sandbox.faults.clear()
    assert await connect(engine, sandbox, shop) > 0


async def test_one_account_is_connected_once_even_with_another_key(scene: Scene) -> None:
    another = scene.sandbox.wildberries.issue_token(scene.shop)
    with pytest.raises(DuplicateAccount, match="Дом и чай"):
        await connect(scene.engine, scene.sandbox, scene.shop, another)
    assert len((await scene.overview()).sellers) == 1


async def test_a_seller_needs_a_name_and_a_known_marketplace(scene: Scene) -> None:
    key = credentials(scene.sandbox, scene.shop.token)
    with pytest.raises(Rejected):
        await add_seller(scene.engine, "wildberries", "  ", key)
    with pytest.raises(NotFound):
        await add_seller(scene.engine, "ebay", "Дом", key)


async def test_the_database_never_sees_a_key(scene: Scene) -> None:
    [(sealed,)] = await scene.sql("select ciphertext from seller_credentials")
    assert scene.shop.token.encode() not in bytes(sealed)
    assert scene.engine.vault.open(bytes(sealed)) == scene.shop.token
