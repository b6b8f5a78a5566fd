"""Every rule has someone who asks it in the flow, or a reason why nobody does."""

from __future__ import annotations

import importlib
import inspect
import sys
from collections.abc import Callable, Iterator
from dataclasses import replace
from datetime import timedelta
from types import FrameType
from typing import Any, get_type_hints

import pytest

from skymarshal.cli.rule_users import askers, every_name
from skymarshal.domain import cargo, ftl, passenger_rights
from skymarshal.domain.articles import RuleResult
from skymarshal.domain.catalogue import RULES, Rule
from skymarshal.operations.records import DutyBreak, Record
from tests.unit.agents import rows
from tests.unit.agents.rows import hours, z
from tests.unit.recovery.test_crew_rules_in_the_flow import (
    asked,
    from_new_york,
    with_captain,
    without_recovery,
)

FTL = [rule for rule in RULES if rule.calculator.__module__.startswith("skymarshal.domain.ftl")]


@pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.name)
def test_somebody_asks_a_rule_or_it_says_why_nobody_does(rule: Rule) -> None:
    assert bool(askers(rule)) is not bool(rule.by_hand)
    assert set(rule.forms) <= every_name()


@pytest.mark.parametrize("rule", [rule for rule in FTL if not rule.by_hand], ids=lambda rule: rule.name)
def test_a_rule_on_flight_time_binds_the_agents_answer_and_every_candidate(rule: Rule) -> None:
    assert {"crew_compliance", "arbitration"} <= set(askers(rule))


@pytest.mark.parametrize("package", [ftl, cargo, passenger_rights], ids=lambda package: package.__name__)
def test_every_function_that_answers_with_articles_is_a_rule(package: Any) -> None:
    answering = {
        name
        for name in package.__all__
        if inspect.isfunction(one := inspect.unwrap(getattr(package, name)))
        and _is_result(get_type_hints(one).get("return"))
    }
    # What composes one rule of another, or is part of one, answers with its articles too.
    parts = {"max_fdp_for_report", "check_departure", "assess_cause"}
    assert answering - parts <= {rule.name for rule in RULES}


def test_the_rules_are_really_called_where_the_code_says_that_they_are_asked() -> None:
    called = set(_called(_every_kind_of_crew))
    missed = {
        rule.name
        for rule in FTL
        if not rule.by_hand and called.isdisjoint(filter(_runs, (_dotted(rule), *rule.forms)))
    }
    # A reserve without a standby is called with ten hours' notice, which is a constant and not a call.
    assert missed <= {"reserve"}


def _every_kind_of_crew() -> None:
    """Ask about crews that between them touch every rule."""
    split = DutyBreak(start=z(6), end=z(10), duties_and_travel=timedelta(minutes=30), facility="suitable")
    for roster in (
        with_captain(from_new_york),
        with_captain(without_recovery),
        with_captain(lambda row: replace(row, split_break=split)),
        with_captain(lambda row: replace(row, acclimatised_zone="America/New_York")),
        with_captain(lambda row: replace(row, rest_before=hours(11))),
        rows.roster(augmented_pilots=1, rest_facility="class1"),
    ):
        asked(roster, reserves=_reserves(), sick=("FO1",))
    asked(rows.roster(), reported_at=z(0))
    asked(rows.roster(), rule_profile="GCAA")


def _reserves() -> list[Record]:
    return [
        rows.reserve("RES1", "first_officer"),
        rows.reserve("RES2", "first_officer", standby_type="home", call_out=timedelta(minutes=60)),
        rows.reserve("RES3", "first_officer", standby_type="reserve", end=z(20)),
    ]


def _called(what: Callable[[], None]) -> Iterator[str]:
    for module in [one for name, one in sys.modules.items() if name.startswith("skymarshal.domain.ftl")]:
        for one in vars(module).values():
            if hasattr(one, "cache_clear"):
                one.cache_clear()
    seen: set[tuple[str, str]] = set()

    def note(frame: FrameType, event: str, _: object) -> None:
        if event == "call":
            seen.add((frame.f_globals.get("__name__", ""), frame.f_code.co_name))

    sys.setprofile(note)
    try:
        what()
    finally:
        sys.setprofile(None)
    return (f"{module}.{name}".removeprefix("skymarshal.") for module, name in seen)


def _dotted(rule: Rule) -> str:
    return f"{rule.calculator.__module__}.{rule.name}".removeprefix("skymarshal.")


def _runs(form: str) -> bool:
    module, _, name = form.rpartition(".")
    return callable(getattr(importlib.import_module(f"skymarshal.{module}"), name))


def _is_result(kind: object) -> bool:
    return isinstance(kind, type) and issubclass(kind, RuleResult)
