"""POST message: what is checked, what is stored, what comes back in the feed."""

from __future__ import annotations

import pytest

from agentiq_core.sandbox import SignPolicy
from agentiq_core.sandbox.drawings import draw_photo, draw_receipt


async def sign_of(api, chat: str) -> str:
    chats = (await api.chats()).json()["result"]
    return next(each["replySign"] for each in chats if each["chatID"] == chat)


async def test_an_accepted_message_comes_back_in_the_feed_with_its_own_id_and_the_time_answered(api, chat):
    answer = (await api.send(await sign_of(api, chat), "Здравствуйте! Пришлите, пожалуйста, фото.")).json()
    echo = (await api.walk())[-1]
    assert answer["errors"] == []
    assert answer["result"]["chatID"] == chat
    assert echo["addTimestamp"] == answer["result"]["addTime"]
    assert (echo["sender"], echo["source"]) == ("seller", "seller-public-api")
    assert echo["message"]["text"] == "Здравствуйте! Пришлите, пожалуйста, фото."
    assert echo["eventID"]


async def test_files_are_recognised_by_content_and_can_be_downloaded(api, seller, chat):
    photo, receipt = draw_photo("а"), draw_receipt("б")
    answer = await api.send(await sign_of(api, chat), files=[("скан.bin", photo), ("Чек.pdf", receipt)])
    assert answer.status_code == 200
    attachments = (await api.walk())[-1]["message"]["attachments"]
    image, file = attachments["images"][0], attachments["files"][0]
    assert (await api.download(image["downloadID"])).content == photo
    got = await api.download(file["downloadID"])
    assert (got.headers["content-type"], got.content) == ("application/pdf", receipt)
    assert (file["name"], file["size"]) == ("Чек.pdf", len(receipt))


@pytest.mark.parametrize("sign", ["", "1:нет:такой", "x" * 256])
async def test_a_wrong_sign_is_refused(api, chat, sign):
    answer = await api.send(sign, "Здравствуйте!")
    assert answer.status_code == 400
    assert answer.headers["content-type"].startswith("application/problem+json")
    assert answer.json()["detail"] == "Invalid signature"


@pytest.mark.parametrize("text", ["", "   ", "а" * 1001])
async def test_a_text_that_is_empty_or_too_long_is_refused(api, seller, chat, text):
    answer = await api.send(await sign_of(api, chat), text)
    assert answer.status_code == 400
    assert answer.json()["detail"] == 'Invalid value for "message"'
    assert seller.api_messages() == []


async def test_a_text_of_a_thousand_characters_is_accepted(api, seller, chat):
    assert (await api.send(await sign_of(api, chat), "я" * 1000)).status_code == 200


async def test_a_file_of_another_kind_or_over_five_megabytes_is_refused_whole(api, seller, chat):
    sign = await sign_of(api, chat)
    video = await api.send(sign, "Смотрите", [("video.mp4", b"\x00\x00\x00\x18ftypmp42")])
    assert video.json()["detail"].endswith(': "video.mp4" has unsupported mime type')
    huge = await api.send(sign, "Смотрите", [("a.png", draw_photo("a") + b"0" * 5 * 1024 * 1024)])
    assert huge.json()["detail"].endswith(": attachment too big. Max size: 5MiB")
    assert seller.api_messages() == []


async def test_a_body_that_is_not_multipart_is_refused(api, client, chat):
    answer = await client.post(f"{api.base}/message", data={"replySign": "1"}, headers=api.headers)
    assert answer.status_code == 400


async def test_a_sign_used_once_is_stale_and_a_fresh_one_is_good(api, seller, chat):
    seller.behaviour.signs = SignPolicy.SINGLE_USE
    sign = await sign_of(api, chat)
    assert (await api.send(sign, "Раз")).status_code == 200
    assert (await api.send(sign, "Два")).json()["detail"] == "Invalid signature"
    assert (await api.send(await sign_of(api, chat), "Два")).status_code == 200


async def test_an_expiring_sign_is_good_until_its_time_runs_out(api, seller, chat, clock):
    seller.behaviour.signs, seller.behaviour.sign_lifetime = SignPolicy.EXPIRING, 60.0
    clock.now -= clock.now % 60
    sign = await sign_of(api, chat)
    clock.advance(59)
    assert (await api.send(sign, "Успели")).status_code == 200
    clock.advance(1)
    assert (await api.send(sign, "Опоздали")).status_code == 400


async def test_a_rotated_or_replaced_sign_makes_those_read_before_stale(api, seller, chat):
    before = await sign_of(api, chat)
    seller.rotate_sign(chat)
    assert (await api.send(before, "Раз")).status_code == 400
    seller.set_sign(chat, "особая-подпись")
    assert (await api.send("особая-подпись", "Два")).status_code == 200


async def test_the_answer_carries_the_next_sign_when_asked_to(api, seller, chat):
    seller.behaviour.signs, seller.behaviour.sign_in_answer = SignPolicy.SINGLE_USE, True
    first = (await api.send(await sign_of(api, chat), "Раз")).json()["result"]["sign"]
    assert (await api.send(first, "Два")).status_code == 200


async def test_an_echo_may_be_delayed_and_its_time_skewed(api, seller, chat, clock):
    seller.behaviour.echo_delay, seller.behaviour.echo_skew = 30.0, 2.0
    added = (await api.send(await sign_of(api, chat), "Уже смотрим")).json()["result"]["addTime"]
    assert [event["sender"] for event in await api.walk()] == ["client"]
    clock.advance(30)
    echo = (await api.walk())[-1]
    assert 0 <= echo["addTimestamp"] - added <= 2000


async def test_duplicates_are_counted_by_text_folded_within_a_chat(api, sandbox, seller, chat):
    other = seller.open_chat(client_name="Пётр")
    seller.buyer_says(other, "Где заказ?")
    for text in ("Уже  смотрим", "Уже смотрим ", "Уже смотрим"):
        await api.send(await sign_of(api, chat), text)
    await api.send(await sign_of(api, other), "Уже смотрим")
    stats = sandbox.wildberries.stats()
    assert (stats["accepted"], stats["duplicates"]) == (4, 2)


async def test_all_three_documented_shapes_of_a_sign_occur(api, seller):
    for _ in range(30):
        seller.open_chat()
    shapes = {
        sign.removeprefix(each["chatID"]).count(":") + 10 * ("::" in sign)
        for each in (await api.chats()).json()["result"]
        for sign in [each["replySign"]]
    }
    assert shapes == {1, 2, 12}
