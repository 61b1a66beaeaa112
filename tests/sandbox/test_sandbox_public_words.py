"""The Russian of reviews and questions: varied, whole, to the point of their stars."""

from __future__ import annotations

import random
import re

import pytest

from agentiq_core.sandbox.buyers import Situation, draw_question, draw_review
from agentiq_core.sandbox.buyers.reviews import acknowledge

FLAW = re.compile(r"[{}<>|]|  |\s[,.]|\bNone\b|,,|[.!?],|,[.!?]")


def test_no_review_has_an_unfilled_place_or_an_odd_length():
    rng = random.Random(3)
    for _ in range(3000):
        buyer, opinion = draw_review(rng)
        texts = [opinion.text, opinion.pros, opinion.cons, acknowledge(buyer, opinion, rng)]
        for text in texts:
            assert len(text) <= 400
            assert text == text.strip()
            if not (
                buyer.manner.lower or buyer.manner.bare or buyer.manner.misprints or buyer.manner.brackets
            ):
                assert not FLAW.search(text), text


def test_no_question_is_without_words():
    rng = random.Random(4)
    texts = [draw_question(rng)[1] for _ in range(2000)]
    assert all(5 < len(text) < 300 for text in texts)
    assert len(set(texts)) > 700


def test_stars_have_their_usual_shares_and_many_reviews_are_stars_only():
    rng = random.Random(5)
    drawn = [draw_review(rng) for _ in range(2000)]
    stars = [opinion.stars for _, opinion in drawn]
    assert set(stars) == {1, 2, 3, 4, 5}
    assert stars.count(5) > stars.count(1) > stars.count(2)
    assert 300 < sum(opinion.wordless for _, opinion in drawn) < 800
    assert sum(bool(opinion.pros) for _, opinion in drawn) > 200
    masked = [each for buyer, each in drawn if each.stars == 5 and buyer.situation is Situation.DEFECT]
    assert len(masked) > 50
    assert all(each.text or each.cons for each in masked)


@pytest.mark.parametrize("stars", [1, 2, 3, 4, 5])
def test_stars_may_be_asked_for(stars):
    assert {draw_review(random.Random(seed), stars=stars)[1].stars for seed in range(20)} == {stars}


def test_the_same_seed_gives_the_same_review():
    first, second = (draw_review(random.Random(9))[1] for _ in range(2))
    assert first == second
