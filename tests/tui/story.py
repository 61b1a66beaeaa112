"""The shop that the tests of the screen look at: seven chats that need an answer, some that do not."""

from __future__ import annotations

from datetime import timedelta

from agentiq_core.domain.chats import ChatStatus, Priority
from agentiq_core.domain.messages import Attachment, AttachmentKind, Author, Origin, Product
from agentiq_core.domain.outbox import OutboxState
from agentiq_core.domain.views import ChatRef, ReplyView
from tests.tui.scripted import NOW, Chat, message, suggestion

ALENA, OLEG, MARINA, TIMUR = (ChatRef(1, number) for number in range(1, 5))
SVETA, GLEB, NINA = (ChatRef(1, number) for number in range(5, 8))
READY = (
    "Алёна, здравствуйте! Очень жаль, что кружка пришла с трещиной. Пришлите, пожалуйста, фото упаковки: "
    "так мы быстрее разберёмся и подскажем, как оформить заявку."
)


def shop() -> list[Chat]:
    """Fresh chats for one test."""
    return [
        Chat(
            ALENA,
            "Алёна",
            Product("101", "Кружка керамическая 350 мл", "4815162342", size=None),
            [
                message(
                    1,
                    "Здравствуйте! Подскажите, кружку можно мыть в посудомойке?",
                    NOW - timedelta(days=1, hours=2),
                ),
                message(
                    2, "Да, до 60 градусов.", NOW - timedelta(days=1, hours=1), Author.SELLER, outbox_id=7
                ),
                message(
                    3,
                    "Спасибо за заказ! Оцените нас.",
                    NOW - timedelta(hours=3),
                    Author.SELLER,
                    origin=Origin.AUTOMATIC,
                ),
                message(
                    4,
                    "Пришла с трещиной, чай пить нельзя. Что делать?",
                    NOW - timedelta(minutes=26),
                    attachments=(Attachment(AttachmentKind.IMAGE), Attachment(AttachmentKind.IMAGE)),
                ),
            ],
            due_at=NOW + timedelta(minutes=4, seconds=12),
            priority=Priority.URGENT,
            status=ChatStatus.CLIENT_REPLIED,
            unread=1,
            suggestion=suggestion(11, READY),
        ),
        Chat(
            OLEG,
            "Олег Константинопольский",
            Product("102", "Лампа настольная"),
            [message(5, "Третий день жду ответа!! Заказ так и не отправлен", NOW - timedelta(hours=5))],
            due_at=NOW - timedelta(minutes=2, seconds=30),
            priority=Priority.URGENT,
            unread=3,
            suggestion=suggestion(
                12, "Олег, здравствуйте! Проверяем отправку вашего заказа.", intent="delivery"
            ),
            marketplace="ozon",
            seller="Свет",
        ),
        Chat(
            MARINA,
            "Марина",
            Product("103", "Плед вязаный", "900", size="150×200"),
            [message(6, "Плед какой стороной стирать?", NOW - timedelta(minutes=40))],
            due_at=NOW + timedelta(hours=2, minutes=20),
        ),
        Chat(
            TIMUR,
            "Тимур",
            Product("104", "Набор тарелок"),
            [message(7, "Сколько тарелок в наборе?", NOW - timedelta(minutes=55))],
            due_at=NOW + timedelta(hours=3),
            priority=Priority.HIGH,
            replies=[ReplyView(90, OutboxState.FAILED, "Шесть тарелок.", NOW, None, None, "text_refused")],
        ),
        Chat(
            SVETA,
            "Света",
            Product("105", "Скатерть"),
            [message(8, "А есть синяя?", NOW - timedelta(minutes=70))],
            due_at=NOW + timedelta(hours=4),
            replies=[
                ReplyView(
                    91, OutboxState.NEEDS_OPERATOR, "Синей, к сожалению, нет.", NOW, None, None, "no_echo"
                )
            ],
        ),
        Chat(
            GLEB,
            "Глеб",
            Product("106", "Ваза"),
            [
                message(9, "Какая высота?", NOW - timedelta(hours=7)),
                message(10, "30 см.", NOW - timedelta(hours=6), Author.SELLER, origin=Origin.CABINET),
            ],
            status=ChatStatus.RESPONDED,
        ),
        Chat(
            NINA,
            "Нина",
            Product("107", "Фартук"),
            [message(11, "Спасибо, всё подошло", NOW - timedelta(days=2))],
            status=ChatStatus.CLOSED,
        ),
    ]
