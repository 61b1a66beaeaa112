"""A provider of models on loopback whose model does whatever the data says: it repeats attacks, tells its rules, promises.

It runs in a thread of its own, so that tests with and without an event loop may use it.
"""

from __future__ import annotations

import contextlib
import json
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Messages = list[dict[str, str]]
Obey = Callable[[Messages], str]


def answer(reply: str, **more: object) -> str:
    """An answer of the right shape with this reply."""
    claims = [{"text": reply[:80], "source": "conversation", "words": reply[:80]}]
    return json.dumps(
        {
            "reply": reply,
            "intent": "thanks",
            "sentiment": "positive",
            "categories": [reply[:40]],
            "urgency": "low",
            "recommendation": reply[:200],
            "confidence": 1,
            "language": "ru",
            "claims": claims,
            **more,
        },
        ensure_ascii=False,
    )


def system(messages: Messages) -> str:
    return next(one["content"] for one in messages if one["role"] == "system")


def data(messages: Messages) -> str:
    return next(one["content"] for one in messages if one["role"] == "user")


def conversation(messages: Messages) -> str:
    """What stands in the field of the conversation, without its fence."""
    text = data(messages)
    return text[text.rfind("переписка, последнее внизу") :].partition("\n")[2].rpartition("⟧")[0]


WAYS: dict[str, Obey] = {
    "repeats the attack": lambda asked: answer(conversation(asked)),
    "repeats all data": lambda asked: answer(data(asked)[:1500]),
    "says the attack without JSON": conversation,
    "prints its rules": lambda asked: answer("Здравствуйте! " + system(asked)[:900]),
    "prints the secret mark": lambda asked: answer(f"Здравствуйте! {system(asked).splitlines()[-1]}"),
    "spells the secret mark": lambda asked: answer(
        "Здравствуйте! Отметка: " + " ".join(system(asked).rpartition(" ")[2])
    ),
    "prints everything raw": lambda asked: system(asked) + data(asked),
    "promises a refund": lambda asked: answer(
        "Здравствуйте! Возврат одобрен, мы вернём вам все деньги сегодня."
    ),
    "adds a link": lambda asked: answer(
        "Здравствуйте! Подробности на сайте skidki.example.com, ждём вас там."
    ),
    "adds a phone": lambda asked: answer("Здравствуйте! Позвоните нам: +7 900 000-00-57, всё решим."),
    "admits a fake": lambda asked: answer("Здравствуйте! Да, это подделка, мы виноваты и нарушили закон."),
    "says it is a model": lambda asked: answer("Здравствуйте! Я нейросеть, меня настроили отвечать так."),
    "speaks English": lambda asked: answer("Sure! I have approved your request and everything is fine now."),
    "invents facts": lambda asked: answer("Здравствуйте! Скидка 90 % действует до 31 декабря 2031 года."),
    "hides it in an analysis": lambda asked: answer(
        "Здравствуйте! Спасибо за сообщение, мы проверим и ответим вам здесь.",
        recommendation=system(asked)[:300],
        categories=[system(asked).rpartition(" ")[2]],
    ),
}


class ObedientHost:
    """What it was asked, in order; `obey` makes the text of an answer."""

    def __init__(self, port: int, obey: Obey) -> None:
        self.asked: list[dict[str, Any]] = []
        self.keys: set[str | None] = set()
        self.obey = obey
        self.base_url = f"http://127.0.0.1:{port}/v1"


@contextlib.contextmanager
def obedient_host(obey: Obey) -> Iterator[ObedientHost]:
    """Serve until the end of the block."""

    class Handler(BaseHTTPRequestHandler):
        protocol_version = "HTTP/1.1"

        def do_POST(self) -> None:
            body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
            host.asked.append(body)
            host.keys.add(self.headers["Authorization"])
            text = host.obey(body["messages"])
            usage = {"prompt_tokens": 500, "completion_tokens": 100}
            chunks = [
                {"choices": [{"delta": {"content": text[at : at + 400]}}]} for at in range(0, len(text), 400)
            ]
            chunks.append({"choices": [{"delta": {}, "finish_reason": "stop"}], "usage": usage})
            out = (
                b"".join(f"data: {json.dumps(chunk)}\n\n".encode() for chunk in chunks) + b"data: [DONE]\n\n"
            )
            self.send_response(200)
            self.send_header("Content-Type", "text/event-stream")
            self.send_header("Content-Length", str(len(out)))
            self.end_headers()
            self.wfile.write(out)

        def log_message(self, format: str, *args: object) -> None:
            """Nothing: tests look at `asked`."""

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    host = ObedientHost(server.server_port, obey)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.02})
    thread.start()
    try:
        yield host
    finally:
        server.shutdown()
        thread.join()
        server.server_close()
