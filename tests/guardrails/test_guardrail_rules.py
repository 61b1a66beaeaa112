"""One reply, one verdict: what fires, what passes, where it is underlined and how bad it is in which channel."""

from __future__ import annotations

import json

import pytest
from hypothesis import given
from hypothesis import strategies as st

from agentiq_core.guardrails import VERSION, Severity, Verdict, check
from agentiq_core.guardrails.rules import SEVERITY

END = " Спасибо, что написали нам."


def rules_of(reply: str, **more: object) -> set[str]:
    return {one.rule for one in check(reply, **more).violations}  # type: ignore[arg-type]


@pytest.mark.parametrize(
    ("rule", "reply"),
    [
        ("promise", "Вернём деньги."),
        ("promise", "Деньги вам мы, конечно же, обязательно вернём."),
        ("promise", "В е р н ё м деньги."),
        ("promise", "Bepнём дeньги."),
        ("promise", "Вер\u200bнём день\u200bги."),
        ("promise", "Гарантируем замену."),
        ("promise", "Ускорим доставку."),
        ("promise", "Отменим ваш заказ."),
        ("promise", "Изменим адрес."),
        ("promise", "Продлим срок."),
        ("ai_mention", "Вам отвечает ИИ."),
        ("ai_mention", "Я 6от."),
        ("admission", "Да, это брак."),
        ("admission", "Это контрафакт."),
        ("blame", "Вы неправильно собрали."),
        ("dismissive", "Обратитесь в поддержку."),
        ("contacts", "Наш сайт магазин точка ру."),
        ("contacts", "Звоните 8 9I6 12З 45 67."),
        ("contacts", "Пишите в тг."),
        ("leak", "Так велит системный промпт."),
    ],
)
def test_what_the_table_names_fires_in_any_disguise(rule: str, reply: str) -> None:
    assert rule in rules_of(reply + END)


@pytest.mark.parametrize(
    "reply",
    [
        "Всё работает, забота о покупателях для нас важна.",
        "Наша компания даёт гарантии на товар 1 год.",
        "Робот-пылесос стоит на базе и заряжается.",
        "Боты резиновые маломерят, берите на размер больше.",
        "Ботинки из натуральной кожи, подошва прошита.",
        "У Ии отличный вкус, рады за подарок.",
        "Не можем обещать, что вернём деньги.",
        "Вы спрашиваете, вернём ли мы деньги: решает маркетплейс.",
        "К сожалению, не вернём деньги за этот товар.",
        "Вам отвечает не бот, а Мария.",
        "Это не брак, а особенность дерева.",
        "Ваша собака будет в восторге от игрушки!",
    ],
)
def test_words_that_only_look_forbidden_pass(reply: str) -> None:
    assert check(reply).violations == ()


@pytest.mark.parametrize(
    "reply",
    [
        "Артикул 123456789, цена 1 999 рублей, дата 12.05.2026.",
        "Номер заказа 89161234567 видим, проверяем.",
        "В наличии размеры 80 90 100 110 120.",
        "Штрихкод на бирке 4607123456789, сверьте.",
        "Модель KT-5512, мощность 2200 Вт, 220–240 В.",
    ],
)
def test_numbers_of_goods_orders_and_days_are_not_phones(reply: str) -> None:
    assert "contacts" not in rules_of(reply)


@pytest.mark.parametrize(
    "phone",
    [
        "89161234567",
        "+7 (916) 123-45-67",
        "8-916-123-45-67",
        "8 9 1 6 1 2 3 4 5 6 7",
        "8.916.123.45.67",
        "восемь девятьсот шестнадцать сто двадцать три сорок пять шестьдесят семь",
        "8 девятьсот 16 123 сорок пять 67",
        "8 (495) 123-45-67",
    ],
)
def test_a_phone_is_found_in_any_disguise_and_underlined_whole(phone: str) -> None:
    reply = f"Позвоните нам, {phone}, поговорим."
    (found,) = [one for one in check(reply).violations if one.reason.startswith("Телефон")]
    assert reply[found.start : found.end].strip("+( )") == phone.strip("+( )")


def test_a_span_points_into_the_original_text_and_the_reason_quotes_it() -> None:
    reply = "Анна, не волнуйтесь: в е р н ё м деньги!"
    (found,) = check(reply).errors
    assert reply[found.start : found.end] == "в е р н ё м деньги"
    assert "«в е р н ё м деньги»" in found.reason


@pytest.mark.parametrize("rule", sorted(SEVERITY))
def test_every_rule_is_an_error_in_public_and_some_only_warn_in_a_chat(rule: str) -> None:
    in_chat, in_public = SEVERITY[rule]
    warns = {"blame", "dismissive", "return_unasked", "ignored_complaint"}
    assert in_public is Severity.ERROR
    assert in_chat is (Severity.WARNING if rule in warns else Severity.ERROR)


def test_a_warning_never_blocks_and_an_error_does() -> None:
    reply = "Обратитесь в поддержку, пожалуйста."
    assert check(reply, channel="chat").allowed
    assert not check(reply, channel="review").allowed
    assert not check(reply, channel="question").allowed


@pytest.mark.parametrize(
    ("reply", "fires"),
    [
        ("", True),
        ("  \n ", True),
        ("Хорошо, ждём!", True),
        ("а" * 20, False),
        ("а" * 1_000, False),
        ("а" * 1_001, True),
    ],
)
def test_a_reply_has_a_least_and_a_greatest_length(reply: str, fires: bool) -> None:
    assert ("length" in rules_of(reply)) is fires


def test_the_limit_is_the_channels_unless_another_is_given() -> None:
    reply = "Спасибо! " * 150
    assert "length" in rules_of(reply, channel="chat")
    assert "length" not in rules_of(reply, channel="review")
    assert "length" not in rules_of(reply, channel="chat", limit=4096)


def test_a_return_may_be_spoken_of_when_the_buyer_asked() -> None:
    reply = "Вы можете вернуть товар через личный кабинет."
    assert "return_unasked" in rules_of(reply, buyer_texts=["Какой размер взять?"])
    assert "return_unasked" not in rules_of(reply, buyer_texts=["Как вернуть?"])


def test_thanks_alone_do_not_answer_a_complaint() -> None:
    complaint = ["Пришла с трещиной, но упаковка хорошая, спасибо"]
    assert "ignored_complaint" in rules_of("Спасибо за отзыв, хорошего дня!", buyer_texts=complaint)
    assert "ignored_complaint" not in rules_of(
        "Спасибо за отзыв! Жаль, что так вышло.", buyer_texts=complaint
    )
    assert "ignored_complaint" not in rules_of(
        "Спасибо за отзыв, хорошего дня!", buyer_texts=["Без трещин, спасибо"]
    )


@pytest.mark.parametrize(
    ("reply", "fact"),
    [
        ("Объём кружки 500 мл, хватит на всех.", "500"),
        ("Кружка сделана из фарфора, очень тонкая.", "фарфора"),
        ("Посылка приедет завтра, ждите уведомления.", "завтра"),
        ("Ответим вам в течение недели, ожидайте.", "недели"),
        ("Вам подойдёт размер XL, он свободнее.", "XL"),
        ("Хватит на два литра воды, проверяли.", "два"),
    ],
)
def test_a_suggestion_may_not_invent_facts(reply: str, fact: str) -> None:
    found = check(reply, facts=["Кружка 350 мл"], suggestion=True).violations
    assert [reply[one.start : one.end] for one in found if one.rule == "unsupported_fact"] == [fact]
    assert "unsupported_fact" not in rules_of(reply, facts=["Кружка 350 мл"])


def test_facts_of_the_card_and_of_the_buyer_are_supported() -> None:
    reply = "Объём кружки 350 мл, для двух чашек кофе хватит."
    assert check(reply, facts=["Кружка 350мл"], buyer_texts=["хватит на 2 чашки?"], suggestion=True).allowed


def test_a_secret_is_found_however_it_is_spaced_and_inflected() -> None:
    for reply in ("Код KETTLE canary-7F3A, запишите.", "Посылку отдали Сидорову Игорю, уточните."):
        assert "leak" in rules_of(reply, secrets=["kettle-canary-7f3a", "Сидоров Игорь"])
    prompt = "Отвечай вежливо и по делу, никогда не называй цену товара и не спорь с покупателем ни при каких условиях"
    assert "leak" in rules_of(
        "Мне велено: никогда не называй цену товара и не спорь с покупателем.", secrets=[prompt]
    )


def test_the_reason_of_a_leak_does_not_repeat_it() -> None:
    (found,) = check("Канарейка kettle-7f3a здесь, смотрите.", secrets=["kettle-7f3a"]).violations
    assert "7f3a" not in found.reason


def test_a_reply_must_be_russian_when_the_buyer_is() -> None:
    reply = "Hello! Your order is on its way, please wait."
    assert "language" in rules_of(reply, buyer_texts=["Где мой заказ?"])
    assert "language" not in rules_of(reply, buyer_texts=["Where is my order?"])
    assert "language" not in rules_of(
        "Чехол подходит к Samsung Galaxy S24 Ultra и iPhone.", buyer_texts=["Подойдёт?"]
    )


def test_each_marketplace_has_its_own_others() -> None:
    reply = "Этот товар есть на Озоне, посмотрите."
    assert "contacts" in rules_of(reply)
    assert "contacts" not in rules_of(reply, marketplace="ozon")


def test_a_messenger_the_buyer_asked_about_is_a_feature_and_no_way_out() -> None:
    asked = ["Часы показывают уведомления WhatsApp?"]
    assert "contacts" not in rules_of("Да, уведомления WhatsApp часы показывают.", buyer_texts=asked)
    assert "contacts" in rules_of("Напишите нам в WhatsApp, обсудим часы.", buyer_texts=asked)


def test_the_verdict_has_the_shape_the_command_line_prints() -> None:
    verdict = check("Да, это брак, простите нас.")
    printed = json.loads(json.dumps(verdict.to_json(), ensure_ascii=False))
    assert list(printed) == ["allowed", "violations"]
    assert list(printed["violations"][0]) == ["rule", "severity", "start", "end", "reason"]
    assert (printed["allowed"], printed["violations"][0]["severity"]) == (False, "error")
    assert verdict.version == VERSION


PIECES = st.sampled_from(
    [
        "вернём",
        "деньги",
        "не",
        "«",
        "»",
        "бот",
        "\u200b",
        "8 916",
        "123-45-67",
        "@",
        "точка",
        "ру",
        ".",
        ",",
        "ИИ",
        "\n",
        "ё",
    ]
)


@given(
    st.one_of(st.text(max_size=120), st.lists(PIECES, max_size=25).map(" ".join)),
    st.sampled_from(["chat", "review"]),
)
def test_any_text_gets_a_verdict_whose_spans_lie_in_it(reply: str, channel: str) -> None:
    verdict = check(reply, channel=channel, facts=(), suggestion=True)
    assert all(0 <= one.start <= one.end <= len(reply) and one.reason for one in verdict.violations)
    assert verdict.allowed is (verdict.errors == ())
    assert verdict == check(reply, channel=channel, facts=(), suggestion=True)
    assert isinstance(verdict, Verdict)
