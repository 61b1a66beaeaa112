"""The buyers' Russian: varied, whole, in agreement, and to the point of the talk."""

from __future__ import annotations

import dataclasses
import random
import re

import pytest

from agentiq_core.sandbox.buyers import GOODS, Situation, draw_buyer
from agentiq_core.sandbox.buyers.agreement import good_slots
from agentiq_core.sandbox.buyers.goods import COLOURS
from agentiq_core.sandbox.buyers.grammar import TemplateBroken, say
from agentiq_core.sandbox.buyers.manner import Manner
from agentiq_core.sandbox.buyers.openings import OPENINGS
from agentiq_core.sandbox.buyers.people import Person
from agentiq_core.sandbox.buyers.replies import ANSWERS, answer, ask, farewell

FLAW = re.compile(r"[{}<>|]|  |\s[,.]|\bNone\b|,,|\.\.(?!\.)|[.!?],|,[.!?]")


def talk(seed: int) -> list[str]:
    """A conversation's texts, buyer's and shop's, the buyer typing carefully."""
    rng = random.Random(seed)
    buyer = dataclasses.replace(draw_buyer(rng), manner=Manner())
    texts = [said.text for said in buyer.opening()]
    for turn in range(3):
        reply = (ask(buyer, rng) if turn == 0 else None) or answer(buyer, rng, greet=False)
        texts.append(reply)
        texts += [said.text for said in buyer.react(reply) if said.text]
    return [*texts, farewell(rng)]


@pytest.mark.parametrize("block", range(6))
def test_no_text_has_an_unfilled_place_a_double_space_or_an_odd_length(block):
    for seed in range(block * 250, block * 250 + 250):
        for text in talk(seed):
            assert 1 <= len(text) <= 1000
            assert not FLAW.search(text), text
            assert text == text.strip()


def test_messages_as_they_are_typed_keep_their_length_and_spaces():
    for seed in range(800):
        for said in draw_buyer(random.Random(seed)).opening():
            assert 1 <= len(said.text) <= 1000
            assert not re.search(r"[{}<>|]|  ", said.text), said.text


def test_thousands_of_first_messages_hardly_repeat():
    rng = random.Random(5)
    first = [" ".join(said.text for said in draw_buyer(rng).opening()) for _ in range(3000)]
    assert len(set(first)) > 2600


@pytest.mark.parametrize("situation", list(Situation))
def test_every_situation_can_be_asked_for_and_says_what_it_is(situation):
    for seed in range(20):
        buyer = draw_buyer(random.Random(seed), situation=situation)
        assert buyer.situation is situation
        assert buyer.opening()[0].text


def test_every_situation_has_openings_and_every_real_one_an_answer():
    assert OPENINGS.keys() == set(Situation)
    assert ANSWERS.keys() == set(Situation) - {Situation.VAGUE}


def test_the_same_seed_gives_the_same_conversation():
    assert talk(42) == talk(42)


def test_a_woman_and_a_man_use_their_own_endings():
    for name, woman, verb in (("Анна", True, "заказала"), ("Иван", False, "заказал")):
        assert say("Я заказал{а}", Person(name, woman).endings(), random.Random(1)) == f"Я {verb}"


@pytest.mark.parametrize(
    ("title", "sentence"),
    [
        ("Термос", "Пришёл термос, он мне нужен, хочу такой же"),
        ("Кружка", "Пришла кружка, она мне нужна, хочу такую же"),
        ("Пальто", "Пришло пальто, оно мне нужно, хочу такое же"),
        ("Ботинки", "Пришли ботинки, они мне нужны, хочу такие же"),
    ],
)
def test_words_agree_with_the_good(title, sentence):
    good = next(good for good in GOODS if good.title.startswith(title))
    slots = good_slots(good, good.sizes[0], random.Random(1))
    assert say("{Пришёл} {nom}, {он} мне {нужен}, хочу {такой_же}", slots, random.Random(1)) == sentence


def test_there_are_many_goods_each_with_its_own_number_and_known_colours():
    assert len(GOODS) >= 30
    assert len({good.nm_id for good in GOODS}) == len(GOODS)
    assert all(colour in COLOURS for good in GOODS for colour in good.colours)
    assert all(good.price >= 1_000 and good.price % 100 == 0 for good in GOODS)


def test_a_buyer_of_a_defective_good_sends_the_pictures_asked_for():
    buyer = draw_buyer(random.Random(3), situation=Situation.DEFECT)
    said = buyer.react("Пришлите, пожалуйста, фото дефекта и упаковки.")
    assert said[0].photos >= 1


def test_a_buyer_gives_the_number_asked_for():
    buyer = draw_buyer(random.Random(3), situation=Situation.WHERE_ORDER)
    buyer = dataclasses.replace(buyer, manner=Manner())
    assert re.search(r"\d{9,10}", buyer.react("Напишите, пожалуйста, номер заказа.")[0].text)


def test_a_vague_buyer_says_what_it_is_about_when_asked():
    buyer = draw_buyer(random.Random(3), situation=Situation.VAGUE)
    assert len(" ".join(said.text for said in buyer.react("Здравствуйте! Чем можем помочь?"))) > 25


def test_pictures_for_a_return_claim_are_not_sent_to_the_chat():
    for seed in range(40):
        buyer = draw_buyer(random.Random(seed), situation=Situation.DEFECT)
        said = buyer.react("Оформите заявку на возврат и приложите к ней фото.")
        assert sum(each.photos for each in said) == 0


def test_every_conversation_ends():
    for seed in range(200):
        buyer = draw_buyer(random.Random(seed))
        for _ in range(12):
            buyer.react("Хорошего дня!")
        assert buyer.done


@pytest.mark.parametrize("template", ["<a|b", "a>b", "{нет такого}"])
def test_a_broken_template_is_told(template):
    with pytest.raises(TemplateBroken):
        say(template, {}, random.Random(1))
