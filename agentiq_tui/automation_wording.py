"""Words for replies that leave by themselves, and for what people say of suggestions."""

from __future__ import annotations

from agentiq_tui.locale import mark

MODES: dict[str, str] = {
    "off": mark("off"),
    "shadow": mark("shadow: only written down"),
    "on": mark("on"),
}
HELD: dict[str, str] = {
    "stopped": mark("everything is stopped"),
    "off": mark("turned off"),
    "displeased": mark("a displeased buyer"),
    "low_rating": mark("fewer than four stars"),
    "violation": mark("breaks a guardrail"),
    "stop_class": mark("only a person may answer"),
    "injection": mark("words like orders to a model"),
    "unsure": mark("not sure enough"),
    "template": mark("only a template"),
    "closed": mark("takes no reply"),
    "old": mark("asked too long ago"),
    "files": mark("came with a file"),
    "person": mark("a person is at it"),
    "assigned": mark("has somebody in charge"),
    "under_way": mark("another reply is under way"),
    "duel": mark("the last answer left by itself"),
    "chat_cap": mark("enough in this conversation today"),
    "daily_cap": mark("enough for today"),
}
REJECTIONS: dict[str, str] = {
    "misunderstood": mark("misunderstood the question"),
    "wrong_fact": mark("states what is not true"),
    "wrong_tone": mark("the wrong tone"),
    "unhelpful": mark("does not help"),
    "unsafe": mark("promises or admits too much"),
    "other": mark("something else"),
}
