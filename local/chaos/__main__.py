"""`make chaos`: kills a process at every call of AWS that a run makes, and holds the run to its end.

ARGS="--only phase-initial"                  the calls of one function
ARGS="--only agent-cargo:2 --when after"     those of its second invocation, after them only
ARGS="--course stopped"                      only the runs whose execution is stopped at that moment
"""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Iterable, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, as_completed
from datetime import UTC, datetime
from pathlib import Path
from random import Random
from typing import Final

from local.chaos import rider
from local.chaos.calls import Call, Course, Strike, When
from local.chaos.outcome import Outcome, differences
from local.chaos.trials import Trial, Trials
from local.leash import end_with_parent
from local.system import System, running_system
from skymarshal.checkpoints import ThreadStatus
from skymarshal.operations.airline import SCENARIOS

__all__ = ["main", "strikes"]

_INTAKE: Final = "skymarshal-intake"
_FIRST_WRITE: Final = "phase-initial:1:dynamodb.PutItem/"
"""The call that makes the thread."""

_REDELIVERY_SECONDS: Final = 5
_MOST_TIMES: Final = 5
_SEED: Final = 20261123
_REPORT_EVERY: Final = 25


def main(arguments: Sequence[str] | None = None) -> int:
    """Run undisturbed, then once for each strike; return 1 where a run came to anything else."""
    asked = _parse(arguments)
    end_with_parent()
    companion = Path(rider.__file__)
    today = datetime.now(UTC).date()
    with running_system(today, lambda step: _say(f"{step} ..."), companion=companion) as system:
        _redeliver_soon(system)
        trials = Trials(system, asked.scenario)
        expected, calls = _undisturbed(trials)
        chosen = [
            strike
            for course in ((asked.course,) if asked.course else Course)
            for strike in strikes(calls[course], course)
            if asked.only is None or f"{strike.call.place}:".startswith(f"{asked.only}:")
            if asked.when in (None, strike.when)
        ]
        if not chosen:
            _say(
                f"no call is {asked.only!r}; there are {' '.join(call.place for call in calls[Course.ALONE])}"
            )
            return 1
        began = time.monotonic()
        wrong = _strike_all(trials, expected, chosen, asked.at_once)
        _say(
            f"{len(chosen)} runs with a process killed, in {(time.monotonic() - began) / 60:.0f} min:"
            f" {len(chosen) - wrong} came to the decision of the undisturbed one, {wrong} did not"
        )
        sound = _left_sound(system, trials)
        return 1 if wrong or not sound else 0


def _redeliver_soon(system: System) -> None:
    """Let what a killed intake had in hand be delivered again after seconds, and not after minutes."""
    system.client("sqs").set_queue_attributes(
        QueueUrl=system.outputs["QueueUrl"], Attributes={"VisibilityTimeout": str(_REDELIVERY_SECONDS)}
    )


def strikes(calls: Iterable[Call], course: Course) -> list[Strike]:
    """Return the strikes at `calls` that have a meaning on a course, before and after each.

    On a course on which somebody has to resume the thread, there must be one by then; and reading what
    nobody writes has nothing to lose.
    """
    return [
        Strike(call=call, when=when, course=course)
        for call in calls
        for when in When
        if course is Course.ALONE
        or not (
            call.reads_operations
            or call.function == _INTAKE
            or (call.place.startswith(_FIRST_WRITE) and when is When.BEFORE)
        )
    ]


def _undisturbed(trials: Trials) -> tuple[Outcome, dict[Course, tuple[Call, ...]]]:
    """Run without a strike; return what that comes to, and the calls that can be struck on each course."""
    alone, again = trials.run("undisturbed"), trials.run("undisturbed-again")
    resumed = trials.run("undisturbed-resumed", Course.RESUMED)
    if alone.outcome is None:
        raise RuntimeError(f"the undisturbed run did not end: {alone.stuck}")
    for other in (again, resumed):
        if other.outcome is None or (unlike := differences(alone.outcome, other.outcome)):
            raise RuntimeError(f"two undisturbed runs are not alike: {other.stuck or unlike}")
    operational = sum(call.reads_operations for call in alone.calls)
    _say(
        f"the undisturbed run makes {len(alone.calls)} calls, {operational} of them to operational tables;"
        f" resuming it from its approval makes {len(resumed.later_calls)}"
    )
    both = {call.place for call in again.calls}
    calls_made = tuple(call for call in alone.calls if call.place in both)
    calls = {Course.ALONE: calls_made, Course.STOPPED: calls_made, Course.RESUMED: resumed.later_calls}
    return alone.outcome, calls


def _strike_all(trials: Trials, expected: Outcome, chosen: Sequence[Strike], at_once: int) -> int:
    """Run once for each strike and return how many runs came to anything but `expected`."""
    # The queue hands over several disruptions together, and then nobody can say whose call it is.
    one_by_one = [strike for strike in chosen if strike.call.function == _INTAKE]
    together = [strike for strike in chosen if strike.call.function != _INTAKE]
    # So that the functions die in turn, and not one again and again while all wait for it.
    Random(_SEED).shuffle(together)  # noqa: S311 an order, not a secret
    done = wrong = 0
    for at_a_time, some in ((1, one_by_one), (at_once, together)):
        with ThreadPoolExecutor(max_workers=at_a_time) as pool:
            under_way = {pool.submit(_struck, trials, each): each for each in some}
            for future in as_completed(under_way):
                problems = _problems(expected, under_way[future], future)
                for problem in problems:
                    _say(f"{under_way[future]}: {problem}")
                done, wrong = done + 1, wrong + bool(problems)
                if done % _REPORT_EVERY == 0:
                    _say(f"{done} of {len(chosen)} runs, {wrong} of them wrong")
    return wrong


def _struck(trials: Trials, strike: Strike) -> Trial:
    """Run until the process dies: of reads asked for at once, one may find what another has read."""
    for time_around in range(1, _MOST_TIMES + 1):
        name = f"{strike.disruption_id}-{time_around}"
        trial = trials.run(name, strike.course, strike)
        if trial.struck or trial.outcome is None:
            break
    return trial


def _problems(expected: Outcome, strike: Strike, ran: Future[Trial]) -> list[str]:
    if (error := ran.exception()) is not None:
        return [f"was not seen to its end: {error!r}"]
    trial = ran.result()
    if trial.outcome is None:
        return [f"did not end: {trial.stuck}"]
    if not trial.struck:
        return ["no process died: the call was not made"]
    problems = differences(expected, trial.outcome)
    if trial.resumed and strike.course is Course.ALONE:
        problems.append("somebody had to resume it")
    return problems


def _left_sound(system: System, trials: Trials) -> bool:
    """Tell what there is when all has ended, and return whether it is what should be."""
    letters = len(system.dead_letters())
    completed = trials.threads.get_thread_count(ThreadStatus.COMPLETED)
    left_open = sum(
        trials.threads.get_thread_count(status)
        for status in (ThreadStatus.ACTIVE, ThreadStatus.AWAITING_APPROVAL, ThreadStatus.FAILED)
    )
    _say(
        f"{completed} threads completed of {trials.published}, {left_open} left open, {letters} dead letters"
    )
    return (completed, left_open, letters) == (trials.published, 0, 0)


def _parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="make chaos", description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument(
        "--only",
        help="a function, an invocation of it (agent-cargo:2) or a call as it is named in the output",
    )
    parser.add_argument("--when", type=When, choices=list(When), help="before or after the call only")
    parser.add_argument("--course", type=Course, choices=list(Course), help="what else befalls the run")
    parser.add_argument("--at-once", type=int, default=8, help="runs under way together")
    parser.add_argument("--scenario", choices=list(SCENARIOS), default=next(iter(SCENARIOS)))
    return parser.parse_args(arguments)


def _say(words: str) -> None:
    print(words, flush=True)


if __name__ == "__main__":
    sys.exit(main())
