"""Random interleavings of two writers, crashes and retries: nothing lost, torn, forked or half visible."""

from __future__ import annotations

import pytest
from hypothesis import HealthCheck, Phase, settings
from hypothesis.stateful import run_state_machine_as_test

from tests.store.faults import Plant
from tests.store.interleavings import Interleavings

HEALTH = [HealthCheck.too_slow, HealthCheck.filter_too_much, HealthCheck.data_too_large]
DEEP = settings.get_current_profile_name() == "deep"
ORDINARY = settings(
    max_examples=2000 if DEEP else 120,
    stateful_step_count=60 if DEEP else 40,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    deadline=None,
    suppress_health_check=HEALTH,
    database=None,
)
SEARCH = settings(
    ORDINARY, max_examples=400, stateful_step_count=25, phases=[Phase.generate], derandomize=True
)


@pytest.mark.timeout(0 if DEEP else 240)
def test_two_writers_with_faults_between_any_two_steps_keep_every_promise() -> None:
    run_state_machine_as_test(Interleavings, settings=ORDINARY)


@pytest.mark.parametrize("plant", [plant for plant in Plant if plant is not Plant.NONE], ids=lambda p: p.name)
def test_a_store_that_breaks_a_promise_is_caught(plant: Plant) -> None:
    class Sabotaged(Interleavings):
        pass

    Sabotaged.plant = plant
    with pytest.raises(Exception) as caught:
        run_state_machine_as_test(Sabotaged, settings=SEARCH)
    assert not isinstance(caught.value, (TypeError, AttributeError, NameError)), caught.value
