"""A reserve whom the roster already needs is not called."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from skymarshal.calculators.reserve_duties import ReserveDuties, reserve_duties
from skymarshal.domain.ftl import EASA
from tests.unit.agents.rows import assignment, hours, reserve, z

CALL = z(3)


def of(*rows: Any, call: datetime = CALL, **changes: Any) -> ReserveDuties:
    one = reserve("R1", "captain", **changes)
    reports = max(call, one.start) + (hours(10) if one.standby_type == "reserve" else one.call_out)
    return reserve_duties(one, rows, call=call, reports=reports, profile=EASA)


def duty(report: datetime, length: timedelta, flight_id: str = "EY12-2026-03-10", **changes: Any) -> Any:
    return assignment(
        "R1",
        "captain",
        flight_id=flight_id,
        duty_flights=(flight_id,),
        report=report,
        debrief=report + length,
        **changes,
    )


def test_a_reserve_with_nothing_on_the_roster_is_free() -> None:
    assert of() == ReserveDuties()


@pytest.mark.parametrize("kind", ["airport", "home", "reserve"])
def test_who_flies_at_the_call_or_during_the_standby_is_not_free(kind: Any) -> None:
    flying = of(duty(z(1), hours(9)), standby_type=kind)
    later = of(duty(z(8), hours(6)), standby_type=kind)

    assert "until 2026-03-10T10:00Z" in flying.conflicts[0]
    assert later.conflicts == ("stands on the roster for EY12-2026-03-10 from 2026-03-10T08:00Z",)


def test_a_duty_after_the_standby_leaves_the_reserve_free_until_the_rest_before_it() -> None:
    found = of(duty(z(23), hours(6)))

    assert (found.conflicts, found.next_report) == ((), z(23))


@pytest.mark.parametrize(("ended", "free"), [(hours(12), True), (hours(11.9), False)])
def test_rest_after_a_duty_ends_before_the_standby_begins(ended: timedelta, free: bool) -> None:
    """ORO.FTL.235(a): 12 h at home base, or as long as the duty."""
    begins = z(2)

    assert (not of(duty(begins - ended - hours(8), hours(8))).conflicts) is free
    assert (not of(duty(begins - ended - hours(13), hours(13))).conflicts) is False


def test_on_reserve_the_rest_runs_until_the_report() -> None:
    worked = duty(z(3) - hours(10), hours(8))

    assert of(worked, standby_type="reserve").conflicts == ()
    assert of(worked).conflicts


def test_a_standby_that_has_led_to_a_duty_is_used_up() -> None:
    found = of(duty(z(2, 30), hours(0.5)), call=z(4))

    assert found.conflicts == ("was called out on this standby at 2026-03-10T02:30Z",)
