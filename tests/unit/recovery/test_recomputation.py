"""A second and independent path over the rows comes to the same numbers."""

from __future__ import annotations

from random import Random

import pytest

from skymarshal.operations.airline import SCENARIOS
from tests.unit.recovery.recompute import differences
from tests.unit.recovery.sample import arbitrated, random_disruption, scenario


@pytest.mark.parametrize("name", SCENARIOS)
def test_every_number_of_a_scenario_is_what_the_rows_say(name: str, dataset, tables) -> None:
    disruption = scenario(name, tables)
    _, found = arbitrated(disruption, tables)
    for one in found.solutions:
        assert differences(dataset, disruption, one) == [], one.title


@pytest.mark.parametrize("part", range(4))
def test_every_number_of_random_disruptions_is_what_the_rows_say(part: int, dataset, tables) -> None:
    random = Random(f"numbers-{part}")
    for number in range(10):
        disruption = random_disruption(dataset, random, number)
        _, found = arbitrated(disruption, tables)
        if found.manual_review:
            continue
        for one in found.solutions:
            assert differences(dataset, disruption, one) == [], (disruption, one.title)
