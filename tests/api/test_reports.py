"""The report on a decision over the API: to whom, in which form, and when there is none."""

from __future__ import annotations

import importlib
import json

import msgspec
import pytest

from skymarshal.cli import main
from skymarshal.domain.decision import DecisionRecord
from skymarshal.http_api import DecisionReport
from tests.api.gateway import USERS, content_of, gateway_event
from tests.flow.functions import Context


@pytest.fixture(scope="module")
def decided(threads) -> str:
    return threads.decided("reported", flight="EY1-2026-11-24")


@pytest.fixture
def ask(gateway):
    def asked(thread_id, query="", user="observer"):
        path = f"/v1/threads/{thread_id}/report"
        answer = gateway.answer("GET", path, query, b"", f"Bearer {user}" if user else None)
        return answer["statusCode"], content_of(answer), answer["headers"]

    return asked


def test_an_observer_reads_the_record_and_what_became_of_the_decision(ask, gateway, decided, threads) -> None:
    told = {"status": "partly", "actual_delay_minutes": 95, "lessons": "It held."}
    path = f"/v1/threads/{decided}/outcome"
    kept = gateway.answer("POST", path, "", json.dumps(told).encode(), "Bearer duty-manager")
    assert kept["statusCode"] == 201
    status, content, headers = ask(decided)
    assert (status, headers["Content-Type"]) == (200, "application/json")
    report = msgspec.json.decode(content, type=DecisionReport)
    assert isinstance(report.record, DecisionRecord)
    assert report.record.thread_id == decided
    assert [one.lessons for one in report.outcomes] == ["It held."]


@pytest.mark.parametrize(
    ("form", "media_type", "begins", "ending"),
    [
        ("json", "application/json", b"{", ".json"),
        ("markdown", "text/markdown; charset=utf-8", b"# Decision record: EY", ".md"),
        ("pdf", "application/pdf", b"%PDF-", ".pdf"),
    ],
)
def test_a_report_comes_in_the_form_that_is_asked_for(ask, decided, form, media_type, begins, ending) -> None:
    status, content, headers = ask(decided, f"format={form}")
    assert (status, headers["Content-Type"]) == (200, media_type)
    assert content.startswith(begins)
    assert headers["content-disposition"].startswith('inline; filename="decision-')
    assert headers["content-disposition"].endswith(f'{ending}"')
    assert headers["x-request-id"]


def test_no_decision_is_no_report(ask, threads) -> None:
    waiting = threads.asked("still-asked")
    for form in ("json", "markdown", "pdf"):
        status, content, headers = ask(waiting, f"format={form}")
        assert (status, headers["Content-Type"]) == (409, "application/problem+json")
        assert "has no decision record yet" in json.loads(content)["detail"]
    status, content, _ = ask("no-such-thread")
    assert (status, json.loads(content)["title"]) == (404, "Not Found")


def test_a_record_is_read_by_its_day_when_its_thread_is_long_gone(ask, gateway, decided) -> None:
    record = msgspec.json.decode(ask(decided)[1], type=DecisionReport).record
    day = record.decision.decided_at.date().isoformat()

    def ask_by_day(day: str, disruption_id: str) -> tuple[int, bytes]:
        path = f"/v1/decisions/{day}/{disruption_id}/report"
        answer = gateway.answer("GET", path, "format=markdown", b"", "Bearer observer")
        return answer["statusCode"], content_of(answer)

    assert ask_by_day(day, record.disruption.disruption_id) == (200, ask(decided, "format=markdown")[1])
    assert ask_by_day("2001-01-01", record.disruption.disruption_id)[0] == 404
    assert ask_by_day(day, record.disruption.disruption_id[:-1])[0] == 404
    status, problem = ask_by_day("yesterday", record.disruption.disruption_id)
    assert (status, json.loads(problem)["detail"]) == (
        400,
        "day is 'yesterday': expected a day such as 2026-02-05",
    )


def test_the_command_line_reads_the_same_records(ask, decided, tmp_path, capsys) -> None:
    record = msgspec.json.decode(ask(decided)[1], type=DecisionReport).record
    which = f"{record.decision.decided_at:%Y-%m-%d}/{record.disruption.disruption_id}"
    for given in (["--thread", decided], ["--decision", which]):
        out = tmp_path / "report.md"
        assert main(["report", *given, "--out", str(out)]) == 0
        assert out.read_bytes() == ask(decided, "format=markdown")[1]
    assert main(["report", "--decision", "2001-01-01/none"]) == 2
    assert "no decision record 'decisions/2001/01/01/none.json'" in capsys.readouterr().err


def test_an_outcome_told_at_the_command_line_stands_in_the_report(ask, threads, capsys) -> None:
    thread_id = threads.decided("told-by-hand", flight="EY1-2026-11-24")
    told = ["--status", "failed", "--delay-minutes", "380", "--lessons", "The fog held.", "--by", "a.analyst"]
    assert main(["outcome", "--thread", thread_id, *told]) == 0
    assert capsys.readouterr().out.startswith("outcomes/")
    *_, outcome = msgspec.json.decode(ask(thread_id)[1], type=DecisionReport).outcomes
    assert (outcome.status, outcome.lessons, outcome.recorded_by) == ("failed", "The fog held.", "a.analyst")
    assert "The fog held." in ask(thread_id, "format=markdown")[1].decode()


@pytest.mark.parametrize("query", ["format=word", "format=", "format=PDF", "format=null", "colour=red"])
def test_a_form_that_is_not_known_is_a_problem(ask, decided, query) -> None:
    status, content, headers = ask(decided, query)
    assert (status, headers["Content-Type"]) == (400, "application/problem+json")
    assert json.loads(content)["detail"]


def test_the_forms_that_there_are_are_named_to_who_asks_for_another(ask, decided) -> None:
    assert "json, markdown, pdf" in json.loads(ask(decided, "format=word")[1])["detail"]


def test_who_has_no_token_reads_no_report(ask, decided) -> None:
    assert ask(decided, user=None)[0] == 401
    assert ask(decided, user="a-forged-token")[0] == 401


@pytest.mark.parametrize(
    ("media_type", "largest"), [("application/pdf", 4_499_000), ("text/markdown; charset=utf-8", 5_999_000)]
)
def test_a_report_larger_than_an_answer_may_be_is_refused_and_not_cut(aws, media_type, largest) -> None:
    routing = importlib.import_module("lambdas.api.routing")
    sizes = iter([largest, largest + 2_000])
    api = routing.Api()

    @api.serves("showReport")
    def show_report(asked, thread_id):
        return routing.File(content=b"x" * next(sizes), media_type=media_type, name="decision-D.any")

    event = gateway_event("GET", "/v1/threads/T/report", USERS["observer"], {"thread_id": "T"})
    carried, refused = (api.resolve(event, Context("api-reports", 1)) for _ in range(2))
    assert carried["statusCode"] == 200
    assert len(content_of(carried)) == largest
    assert refused["statusCode"] == 422
    assert "ask for another format" in json.loads(refused["body"])["detail"]
