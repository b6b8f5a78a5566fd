"""`skymarshal rules` as a person or another program uses it."""

from __future__ import annotations

import argparse
import io
import json
import re
import shlex
from pathlib import Path

import pytest

from skymarshal.cli.rule_checks import RULE_CHECKS, check_rule
from skymarshal.cli.rule_checks.fields import Fields
from skymarshal.cli.rule_checks.vocabulary import FIELDS, meaning
from skymarshal.cli.rule_document import rule_document
from skymarshal.cli.rule_help import EXAMPLES
from skymarshal.cli.rules import add_rules_commands
from skymarshal.domain.catalogue import RULES
from skymarshal.domain.errors import DomainError

ROOT = Path(__file__).parents[3]


@pytest.fixture
def run(capsys, monkeypatch):
    def command(*arguments: str, stdin: str = "") -> tuple[int, str, str]:
        monkeypatch.setattr("sys.stdin", io.StringIO(stdin))
        parser = argparse.ArgumentParser()
        add_rules_commands(parser.add_subparsers())
        chosen = parser.parse_args(["rules", *arguments])
        status = chosen.run(chosen)
        out, err = capsys.readouterr()
        return status, out, err

    return command


def test_flags_give_one_answer_with_article_and_working(run):
    status, out, _ = run("check", "max_fdp", "--report-ref-time", "05:45", "--sectors=9")
    answer = json.loads(out)

    assert status == 0
    assert answer["max_fdp"] == "9:15"
    assert answer["articles"][0]["article"] == "ORO.FTL.205(b)(1) Table 2"
    assert answer["working"] == ["ORO.FTL.205(b)(1) Table 2: start 05:45, 9 sector(s): 9:15"]


def test_each_json_line_gets_its_answer_in_order(run):
    lines = [
        {"rule": "max_fdp", "report_ref_time": "06:00", "sectors": 1},
        {"regime": "EU261", "cause": "bird_strike"},
        {"rule": "cargo", "check": "awb", "awb": "607-12345675"},
    ]
    status, out, _ = run("check", stdin="\n\n".join(json.dumps(line) for line in lines))
    answers = [json.loads(line) for line in out.splitlines()]

    assert status == 0
    assert [answer["rule"] for answer in answers] == ["max_fdp", "eu261", "cargo"]
    assert (answers[1]["extraordinary"], answers[2]["valid"]) == (True, True)


@pytest.mark.parametrize(
    ("line", "message"),
    [
        (
            '{"rule": "max_fdp", "sectors": 11, "report_ref_time": "06:00"}',
            "sectors: 11 is not valid; expected",
        ),
        ('{"rule": "max_fdp", "sectors": "two", "report_ref_time": "06:00"}', "sectors: 'two'"),
        ('{"rule": "max_fdp", "sectors": 2, "report_ref_time": "25:00"}', "report_ref_time: '25:00'"),
        ('{"rule": "max_fdp", "sectors": 2}', "report_ref_time: missing"),
        ('{"rule": "rest", "place": "home", "preceding_duty": "-1:00"}', "preceding_duty: '-1:00'"),
        ('{"rule": "mel_interval", "category": "B", "discovered": "2026-01-26T10:00"}', "discovered: "),
        ('{"rule": "curfew", "airport": "XXX", "time_utc": "2026-01-26T10:00Z"}', "airport: 'XXX'"),
        ('{"rule": "tarot"}', "rule: 'tarot' is not valid; expected one of max_fdp"),
        ('{"sectors": 1}', "rule: missing"),
        ("[1]", "line: [1]"),
        ("{", "line: '{'"),
    ],
)
def test_bad_input_is_one_line_that_names_field_and_value(run, line, message):
    status, out, err = run("check", stdin=line)
    (answer,) = map(json.loads, out.splitlines())

    assert status == 2
    assert err.startswith(f"rules check: line 1: {message}")
    assert err.count("\n") == 1
    assert (answer["line"], answer["error"]) == (1, err.removeprefix("rules check: line 1: ").rstrip("\n"))


def test_a_flag_without_its_value_is_named(run):
    status, _, err = run("check", "max_fdp", "--sectors")

    assert status == 2
    assert err == "rules check: sectors: None is not valid; expected a value after --sectors\n"


@pytest.mark.parametrize(
    ("fields", "named", "meant"),
    [
        ({"rule": "max_fdp", "report_ref_time": "06:00", "sectors": 1, "sector": 3}, "sector", "sectors"),
        # Each of these once gave an answer that the field would have made another.
        (
            {"rule": "max_fdp_extended", "report_ref_time": "08:00", "sectors": 2, "extensions_used": 2},
            "extensions_used",
            "extensions_used_last_7_days",
        ),
        (
            {"rule": "rest", "place": "away", "preceding_duty": "9:00", "inflight_rest_used": True},
            "inflight_rest_used",
            "in_flight_rest",
        ),
        ({"rule": "reserve", "notice_hours": 12, "notice_hour": 3}, "notice_hour", "notice_hours"),
        (
            {"rule": "inflight_rest_feasible", "sectors": [{"block": "7:00", "pilots": 2, "pilot": 4}]},
            "sectors[0].pilot",
            None,
        ),
        ({"rule": "max_fdp", "report_ref_time": "06:00", "sectors": 1, "colour": None}, "colour", None),
    ],
)
def test_a_field_that_the_rule_does_not_have_is_refused_by_name(fields, named, meant):
    if fields["rule"] == "max_fdp_extended":
        fields = {**fields, "extensions_used_last_7_days": 0}
    with pytest.raises(DomainError, match=rf"^{re.escape(named)}: ") as refused:
        check_rule(fields)

    assert meant is None or f"did you mean {meant}?" in str(refused.value)


def test_a_field_that_this_question_of_the_rule_does_not_use_is_refused():
    asked = {"rule": "rest", "place": "away", "preceding_duty": "9:00"}
    with pytest.raises(DomainError, match=r"^time_difference_hours: 4 .* does not use it"):
        check_rule({**asked, "time_difference_hours": 4})

    assert check_rule({**asked, "fdp_time_difference_hours": 4})["min_rest"] == "14:00"
    assert check_rule({**asked, "frm": False})["min_rest"] == "10:00"


def test_two_names_for_one_field_are_refused_together():
    with pytest.raises(DomainError, match=r"^standby: .* expected no standby beside standby_hours"):
        check_rule({"rule": "standby", "type": "other", "standby_hours": 4, "standby": 9, "max_fdp": "12:00"})


def test_what_is_taken_for_granted_is_said(run):
    answer = check_rule({"rule": "max_fdp", "report_ref_time": "06:00", "sectors": 1})

    assert answer["assumptions"] == ["the crew is acclimatised: state is not given"]


def test_a_bad_line_does_not_end_the_batch(run):
    good = '{"rule": "max_fdp", "state": "acclimatised", "report_ref_time": "06:00", "sectors": 1}'
    status, out, err = run("check", stdin=f'{good}\n{{"rule": "tarot"}}\n\n{good}\n')
    answers = [json.loads(line) for line in out.splitlines()]

    assert status == 2
    assert [answer.get("max_fdp") for answer in answers] == ["13:00", None, "13:00"]
    assert (answers[1]["line"], answers[1]["field"]) == (2, "rule")
    assert err.startswith("rules check: line 2: rule: 'tarot'")


@pytest.mark.parametrize(
    ("line", "message"),
    [
        ('{"rule": ' + "[" * 3000 + "]" * 3000 + "}", "expected at most 1000 lists and objects"),
        ('{"rule": "max_fdp", "sectors": ' + "9" * 5000 + "}", "expected a JSON object on one line"),
        ('{"rule": "max_fdp", "sectors": 1, "sectors": 9}', "sectors: 9 is not valid; expected sectors once"),
        ('{"rule": "' + "x" * 70_000 + '"}', "expected at most 65,536 characters"),
    ],
)
def test_a_line_made_to_break_the_reader_is_named(run, line, message):
    good = '{"rule": "reserve", "notice_hours": 12}'
    status, out, err = run("check", stdin=f"{line}\n{good}\n")

    assert status == 2
    assert message in err
    assert json.loads(out.splitlines()[1])["legal"] is True


def test_a_flag_given_twice_is_refused(run):
    status, _, err = run("check", "max_fdp", "--sectors", "2", "--sectors", "9", "--report-ref-time", "06:00")

    assert (status, err) == (2, "rules check: sectors: '9' is not valid; expected --sectors once\n")


@pytest.mark.parametrize("name", RULE_CHECKS)
def test_help_explains_each_field_and_gives_an_example_that_works(run, name):
    status, out, _ = run("check", name, "--help")
    example = shlex.split(out.splitlines()[-1].partition("rules check ")[2])

    assert status == 0
    assert all(f"  {field} " in out for field in RULE_CHECKS[name].names)
    assert run("check", *example)[0] == 0


def test_the_vocabulary_gives_each_field_the_kind_by_which_it_is_read():
    seen = {}
    for name, example in [*EXAMPLES.items(), *((worked["rule"], worked) for worked in _worked())]:
        check = RULE_CHECKS[name]
        fields = Fields({**(check.presets or {}), **{k: v for k, v in example.items() if k != "rule"}})
        check.check(fields)
        seen |= {(name, field): kind for field, kind in fields.read.items() if field in check.names}

    assert {pair: meaning(*pair).kind for pair in seen} == seen
    assert {key.rpartition(".")[2] for key in FIELDS} == {
        f for check in RULE_CHECKS.values() for f in check.names
    }


def _worked():
    """Return the worked examples that name their rule."""
    lines = (Path(__file__).parent / "worked_examples.jsonl").read_text(encoding="utf-8").splitlines()
    return [example for line in lines if "rule" in (example := json.loads(line)["input"])]


def test_the_list_names_every_rule(run):
    _, out, _ = run("list")

    assert [json.loads(line)["rule"] for line in out.splitlines()] == list(RULE_CHECKS)


def test_no_rule_accepts_nothing():
    for name in RULE_CHECKS:
        with pytest.raises(DomainError):
            check_rule({}, name)


def test_every_answer_of_an_unverified_profile_says_so():
    answer = check_rule({"rule": "max_fdp", "report_ref_time": "09:00", "sectors": 2, "profile": "GCAA"})

    assert (answer["max_fdp"], answer["verified"]) == ("13:15", False)
    assert answer["articles"][0]["status"] == "unverified"


def test_the_table_of_rules_is_current():
    assert (ROOT / "docs" / "rules.md").read_text(encoding="utf-8") == rule_document(), (
        "run `skymarshal rules document > docs/rules.md`"
    )


def test_every_rule_in_the_table_has_an_article_and_every_article_a_source():
    for rule in RULES:
        assert rule.articles, rule.subject
        for article in rule.articles:
            assert article.source, article.citation
            assert article.status in ("verified", "unverified")


@pytest.mark.parametrize(
    "line",
    [
        '{"rule": "max_fdp", "sectors": NaN, "report_ref_time": "06:00"}',
        '{"regime": "EU261", "event": "delay", "origin_eu": true, "distance_km": Infinity}',
        '{"rule": "mel_interval", "category": "D", "discovered": "9999-12-30T10:00Z"}',
        '{"rule": "acclimatisation_state", "time_difference_hours": 3, "elapsed_hours": 1e300}',
        '{"rule": "cargo", "check": "liability", "weight_kg": -1, "event_date": "2026-02-05"}',
    ],
)
def test_numbers_and_dates_beyond_all_bounds_are_refused_in_one_line(run, line):
    status, out, err = run("check", stdin=line)

    assert (status, err.count("\n"), "error" in json.loads(out)) == (2, 1, True)


def test_a_duty_manager_sees_until_when_a_crew_member_may_go_and_discretion_apart():
    answer = check_rule(
        {
            "rule": "duty_limits",
            "report_utc": "2026-01-15T12:00Z",
            "base": "AUH",
            "report_place": "AUH",
            "elapsed_since_reporting_hours": 0,
            "sectors": 1,
            "off_block_utc": "2026-01-15T13:00Z",
            "end_of_fdp_utc": "2026-01-15T20:40Z",
            "post_flight": "0:30",
            "planned_flight_hours": 7.67,
            "extensions_used_last_7_days": 0,
        }
    )

    assert answer["latest_off_block"] == "2026-01-15T15:50:00Z"
    assert answer["latest_off_block_extended"] == "2026-01-15T16:50:00Z"
    assert answer["latest_off_block_discretion"] == "2026-01-15T17:50:00Z"
    assert answer["cumulative_legal"] is None
    assert "duty_7d" in answer["unknowns"]
