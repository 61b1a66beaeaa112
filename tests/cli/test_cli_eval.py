"""`agentiq eval`: the labelled set through templates and through a model, with a report."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from tests.ai.obedient import WAYS, answer, obedient_host
from tests.cli.conftest import Cli

GOOD = (
    "Здравствуйте! Нам очень жаль. Пришлите, пожалуйста, фото: мы внимательно разберёмся и ответим вам здесь."
)


@pytest.fixture
def small(tmp_path: Path) -> Path:
    path = tmp_path / "small.jsonl"
    rows = [
        {
            "id": f"small-{number}",
            "channel": "chat",
            "marketplace": "ozon",
            "messages": [{"author": "buyer", "text": text}],
            "intent": "defect",
            "sentiment": "negative",
            "complaint": True,
        }
        for number, text in enumerate(("Чайник не включается", "Кружка с трещиной", "Молния сломалась"))
    ]
    path.write_text("\n".join(json.dumps(row, ensure_ascii=False) for row in rows), encoding="utf-8")
    return path


def test_templates_are_judged_on_the_set_that_comes_along(bare: Cli) -> None:
    judged = bare("eval", "--templates", "--limit", "30", "--json")
    figures = judged.json["figures"]
    assert (judged.code, figures["cases"], figures["origins"]) == (0, 30, {"template": 30})
    assert figures["broken_after"] == {"hits": 0, "of": 30, "rate": 0.0}
    assert judged.json["model"] == "templates"


def test_a_page_for_people_and_a_directory_with_both(bare: Cli, small: Path, tmp_path: Path) -> None:
    folder = tmp_path / "reports" / "today"
    judged = bare("eval", "--set", str(small), "--report", str(folder))
    assert judged.code == 0
    assert "| conversations | 3 |" in judged.out
    assert (folder / "report.md").read_text(encoding="utf-8") == judged.out.rstrip("\n") + "\n"
    assert json.loads((folder / "report.json").read_text(encoding="utf-8"))["figures"]["cases"] == 3


def test_a_model_that_obeys_offers_nothing_that_breaks_a_rule(bare: Cli, small: Path) -> None:
    with obedient_host(WAYS["promises a refund"]) as host:
        judged = bare(
            "eval",
            "--set",
            str(small),
            "--profile",
            "custom",
            "--model",
            "m",
            "--base-url",
            host.base_url,
            "--json",
        )
    figures = judged.json["figures"]
    assert judged.code == 0
    assert (figures["broken_before"]["hits"], figures["broken_after"]["hits"]) == (3, 0)
    assert figures["origins"] == {"template": 3}
    assert figures["tokens_in"] > 0


def test_a_good_model_is_told_apart_from_a_template(bare: Cli, small: Path) -> None:
    with obedient_host(lambda asked: answer(GOOD, intent="defect", claims=[])) as host:
        judged = bare(
            "eval", "--set", str(small), "--profile", "custom", "--model", "m", "--base-url", host.base_url
        )
    assert judged.code == 0
    assert "| from | model 3 |" in judged.out


def test_the_key_comes_from_the_environment_and_stands_nowhere(
    bare: Cli, small: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("AGENTIQ_MODEL_KEY", "sk-never-shown")
    monkeypatch.setenv("AGENTIQ_MODEL_PROFILE", "custom")
    with obedient_host(WAYS["repeats the attack"]) as host:
        monkeypatch.setenv("AGENTIQ_MODEL_URL", host.base_url)
        judged = bare(
            *(
                "eval",
                "--set",
                str(small),
                "--profile",
                "custom",
                "--model",
                "m",
                "--base-url",
                host.base_url,
            ),
            *("--report", str(tmp_path / "report")),
        )
        assert host.keys == {"Bearer sk-never-shown"}
    written = (tmp_path / "report" / "report.json").read_text(encoding="utf-8")
    assert "never-shown" not in judged.out + judged.err + written


def test_without_a_key_it_is_said_what_to_set(bare: Cli, small: Path) -> None:
    judged = bare("eval", "--set", str(small), "--profile", "deepseek")
    assert (judged.code, len(judged.lines)) == (1, 1)
    assert "AGENTIQ_MODEL_KEY" in judged.err


def test_what_cannot_be_judged_is_said_in_one_line(bare: Cli, tmp_path: Path) -> None:
    wrong = tmp_path / "wrong.jsonl"
    wrong.write_text('{"id": "a"}\n', encoding="utf-8")
    for arguments, said in (
        (("--set", str(wrong)), "line 1"),
        (("--set", str(tmp_path / "none.jsonl")), "none.jsonl"),
        (("--profile", "nobody"), "nobody"),
        (("--set", str(tmp_path)), str(tmp_path.name)),
    ):
        judged = bare("eval", *arguments)
        assert (judged.code, len(judged.lines)) == (1, 1), arguments
        assert said in judged.err


def test_a_report_that_cannot_be_written_is_one_line_before_anything_is_judged(
    bare: Cli, small: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "taken"
    folder.write_text("a file", encoding="utf-8")
    judged = bare("eval", "--set", str(small), "--report", str(folder))
    assert (judged.code, judged.out, len(judged.lines)) == (1, "", 1)
    assert "taken cannot be written" in judged.err
    folder.unlink()
    (folder / "report.md").mkdir(parents=True)
    judged = bare("eval", "--set", str(small), "--report", str(folder))
    assert (judged.code, judged.out, len(judged.lines)) == (1, "", 1)
    assert "report.md cannot be written" in judged.err


def test_a_set_of_an_unknown_marketplace_is_refused(bare: Cli, small: Path) -> None:
    small.write_text(small.read_text(encoding="utf-8").replace("ozon", "nowhere"), encoding="utf-8")
    judged = bare("eval", "--set", str(small))
    assert (judged.code, len(judged.lines)) == (1, 1)
    assert "nowhere" in judged.err


def test_options_that_exclude_each_other_are_wrong_usage(bare: Cli) -> None:
    assert bare("eval", "--templates", "--profile", "ollama").code == 2
    assert bare("eval", "--model", "m").code == 2
