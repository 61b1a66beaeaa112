"""What the demo's shops have written down may be sent as it is."""

from __future__ import annotations

import pytest

from agentiq_core.ai.snippets import fill, known_of
from agentiq_core.domain.messages import Product
from agentiq_core.domain.snippets import SnippetKind, SnippetText
from agentiq_core.guardrails import check
from agentiq_tui.demo.words import WORDS

TEMPLATES = [said for said in WORDS if said.kind is SnippetKind.TEMPLATE]


@pytest.mark.parametrize("said", TEMPLATES, ids=lambda said: said.name)
def test_a_template_of_the_demo_breaks_no_rule(said: SnippetText) -> None:
    filled = fill(said.body, known_of("Анна", Product("101", "Кружка керамическая 350 мл", "4815162342")))
    assert not filled.missing
    assert check(filled.text, channel="chat").allowed
