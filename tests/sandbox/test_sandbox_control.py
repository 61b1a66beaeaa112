"""The control paths, and the sandbox as a process that dies with its parent."""

from __future__ import annotations

import asyncio
import json
import signal
import sys

import httpx
import pytest

from agentiq_core.sandbox import Sandbox


@pytest.fixture
def control(client: httpx.AsyncClient, sandbox: Sandbox) -> httpx.AsyncClient:
    client.base_url = httpx.URL(f"{sandbox.url}/_sandbox/")
    client.headers["Authorization"] = f"Bearer {sandbox.control_secret}"
    return client


async def test_without_the_secret_nothing_is_told(control):
    for shown in ("", "Bearer wrong", "Bearer"):
        answer = await control.get("stats", headers={"Authorization": shown})
        assert answer.status_code == 401


async def test_a_seller_made_over_http_works_at_once(control, client):
    made = (
        await control.post("sellers", json={"name": "Новый", "history": {"chats": 5, "waiting": 2}})
    ).json()
    answer = await client.get(
        f"{made['base_url']}/api/v1/seller/chats", headers={"Authorization": made["token"]}
    )
    assert len(answer.json()["result"]) == 5
    assert [each["id"] for each in (await control.get("sellers")).json()] == [made["id"]]


async def test_people_write_and_the_truth_is_told(control, seller):
    written = (
        await control.post(f"sellers/{seller.id}/buyer-message", json={"text": "Где заказ?", "images": 1})
    ).json()
    await control.post(
        f"sellers/{seller.id}/cabinet-message", json={"chat": written["chat"], "text": "Уже в пути"}
    )
    truth = (await control.get(f"sellers/{seller.id}/chats/{written['chat']}")).json()
    assert [(each["sender"], each["text"]) for each in truth["messages"]] == [
        ("client", "Где заказ?"),
        ("seller", "Уже в пути"),
    ]
    assert truth["messages"][1]["source"] == "seller-portal"
    assert len(truth["messages"][0]["files"]) == 1


async def test_a_picture_may_come_in_moderation_or_refused(control, api, seller, clock):
    said = {"text": "Смотрите", "images": 1}
    for how in ({"moderation": "pending", "wait": 30}, {"moderation": "refused"}):
        assert (await control.post(f"sellers/{seller.id}/buyer-message", json=said | how)).status_code == 201
    pending, refused = seller.attachments
    assert (await api.download(pending)).json() == {"moderationState": "pending", "retrySeconds": 30}
    assert (await api.download(refused)).status_code == 451
    wrong = await control.post(f"sellers/{seller.id}/buyer-message", json=said | {"moderation": "maybe"})
    assert wrong.status_code == 400


async def test_faults_are_planned_listed_and_cleared(control, api, seller):
    fault = {"operation": "chats", "kind": "server_error", "status": 503, "times": None}
    assert (await control.post("faults", json=fault)).status_code == 201
    assert (await api.chats()).status_code == 503
    assert (await control.get("faults")).json()[0]["hits"] == 1
    await control.delete("faults")
    assert (await api.chats()).status_code == 200
    stats = (await control.get("stats")).json()["wildberries"]
    assert stats["requests"]["chats"] == {"200": 1, "503": 1}


async def test_switches_limits_bulk_and_revocation(control, api, seller, sandbox):
    assert (await control.post(f"sellers/{seller.id}/fill", json={"chats": 4, "events": 40})).json()[
        "events"
    ] == 40
    assert (
        await control.patch(f"sellers/{seller.id}/behaviour", json={"signs": "single_use"})
    ).status_code == 204
    assert seller.behaviour.signs == "single_use"
    await control.put("rate-limits", json={"on": True})
    assert sandbox.rate_limits
    await control.post(f"sellers/{seller.id}/revoke")
    assert (await api.chats()).status_code == 401


@pytest.mark.parametrize(
    ("method", "path", "body", "status"),
    [
        ("POST", "faults", {"operation": "chats", "kind": "earthquake"}, 400),
        ("POST", "faults", {"operation": "chats"}, 400),
        ("POST", "sellers", {}, 404),
        ("POST", "sellers/nobody/revoke", {}, 404),
        ("POST", "sellers", [], 400),
    ],
)
async def test_a_wrong_order_is_refused_in_words(control, method, path, body, status):
    answer = await control.request(method, path, json=body)
    assert answer.status_code == status
    assert answer.json()["error"]


async def test_an_unknown_switch_is_refused(control, seller):
    answer = await control.patch(f"sellers/{seller.id}/behaviour", json={"gravity": 1})
    assert (answer.status_code, answer.json()["error"]) == (400, "no such switch: gravity")


async def start(*extra: str) -> tuple[asyncio.subprocess.Process, dict]:
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "agentiq_core.sandbox", "--chats", "12", *extra,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout is not None
    line = await asyncio.wait_for(process.stdout.readline(), 30)
    return process, json.loads(line)


async def test_the_process_says_where_it_is_and_ends_with_its_standard_input(client):
    process, ready = await start("--exit-with-stdin", "--live", "--seed", "3")
    try:
        sellers = [each for each in ready["sellers"] if each["marketplace"] == "wildberries"]
        assert sellers
        for seller in sellers:
            answer = await client.get(
                f"{seller['base_url']}/api/v1/seller/events", headers={"Authorization": seller["token"]}
            )
            assert answer.json()["result"]["totalEvents"] > 5
        headers = {"Authorization": f"Bearer {ready['control_secret']}"}
        assert (await client.get(f"{ready['url']}/_sandbox/stats", headers=headers)).status_code == 200
        process.stdin.close()
        assert await asyncio.wait_for(process.wait(), 15) == 0
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def test_the_process_ends_on_sigterm():
    process, _ = await start()
    process.send_signal(signal.SIGTERM)
    assert await asyncio.wait_for(process.wait(), 15) == 0
    process.stdin.close()
