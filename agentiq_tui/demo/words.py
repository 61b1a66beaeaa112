"""What the demo's shops have written down: templates behind a "/", and knowledge behind Ctrl+B."""

from __future__ import annotations

from typing import Final

from agentiq_core.domain.snippets import SnippetKind, SnippetText

_TEMPLATE, _KNOWLEDGE = SnippetKind.TEMPLATE, SnippetKind.KNOWLEDGE

WORDS: Final = (
    SnippetText(
        "фото",
        "{name}, пришлите, пожалуйста, фото товара «{product}» и упаковки: так мы быстрее разберёмся.",
        _TEMPLATE,
    ),
    SnippetText(
        "где заказ",
        "{name}, заказ {order} уже у службы доставки. Точную дату показывает приложение площадки.",
        _TEMPLATE,
    ),
    SnippetText("спасибо", "{name}, спасибо за тёплые слова! Передали их всей команде.", _TEMPLATE),
    SnippetText("уточним", "{name}, спасибо за вопрос! Уточним на складе и ответим сегодня.", _TEMPLATE),
    SnippetText(
        "Упаковка",
        "Хрупкие товары едут в коробке с бумажным наполнителем. С октября добавляем уголки из картона.",
        _KNOWLEDGE,
    ),
    SnippetText(
        "График склада",
        "Склад собирает заказы с понедельника по субботу. Заказанное до 14:00 уезжает в тот же день.",
        _KNOWLEDGE,
    ),
)
