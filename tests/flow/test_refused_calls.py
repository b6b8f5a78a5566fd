"""AWS throttles or fails each call that a run makes.

How the runs are made, and what they are held to, is told in test_lost_answers.
"""

from __future__ import annotations

import pytest

from tests.flow.boundary import Fault


@pytest.mark.timeout(900)
@pytest.mark.parametrize("fault", [Fault.THROTTLED, Fault.FAILED], ids=lambda fault: fault.name)
def test_a_call_that_fails_anywhere_changes_nothing(flow, undisturbed, fault, record_property) -> None:
    runs, wrong = undisturbed.disturb(flow, fault)
    record_property("runs with faults", runs)
    assert not wrong, "\n".join(wrong)
