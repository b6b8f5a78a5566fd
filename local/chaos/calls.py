"""The calls of AWS that the functions make for one thread, as their rider notes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final
from zlib import crc32

from local.chaos.rider import BEGUN, CALLS, ENDED, STRIKE, STRUCK
from local.system import OPERATIONS_PREFIX

__all__ = ["Call", "Course", "Notes", "Strike", "When", "read_calls"]

_PREFIX: Final = "skymarshal-"


class When(StrEnum):
    """When a process dies: before the call is made, or after it was answered."""

    BEFORE = "before"
    AFTER = "after"


class Course(StrEnum):
    """What befalls a run beside the death of a process.

    ALONE: nothing. STOPPED: its execution is stopped at that moment, and somebody resumes the thread.
    RESUMED: its execution was stopped at the approval, and the process dies while the thread is resumed or
    afterwards.
    """

    ALONE = "alone"
    STOPPED = "stopped"
    RESUMED = "resumed"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: the how manieth of its name in the how manieth invocation of a function, from 1."""

    function: str
    invocation: int
    number: int
    name: str

    @property
    def place(self) -> str:
        """What tells it from a thread's others: `agent-cargo:2:dynamodb.Query/SkyMarshal-Flights:3`."""
        function = self.function.removeprefix(_PREFIX)
        return f"{function}:{self.invocation}:{self.name.replace(' ', '/')}:{self.number}"

    @property
    def reads_operations(self) -> bool:
        """Whether it reads the airline's tables, which nobody writes."""
        return any(word.startswith(OPERATIONS_PREFIX) for word in self.name.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """The death of the process that makes a call."""

    call: Call
    when: When
    course: Course = Course.ALONE

    def __str__(self) -> str:
        return f"{self.call.place} {self.when}, {self.course}"

    @property
    def disruption_id(self) -> str:
        """A name for the run that it strikes, short enough for that of an execution."""
        function = self.call.function.removeprefix(_PREFIX)
        place = f"{crc32(self.call.place.encode()):08x}"
        return f"{self.course}-{function}-{self.call.invocation}-{place}-{self.when}"


def read_calls(lines: Iterable[str]) -> tuple[Call, ...]:
    """Return the calls among the lines that a rider wrote, in their order."""
    calls = []
    for line in lines:
        place, name = line.split(" ", 1)
        if name in (BEGUN, ENDED):
            continue
        function, invocation, number = place.split(":")
        calls.append(Call(function=function, invocation=int(invocation), number=int(number), name=name))
    return tuple(calls)


@dataclass(frozen=True, slots=True, kw_only=True)
class Notes:
    """The rider's folder of one thread."""

    folder: Path

    @classmethod
    def open(cls, notes: Path, thread_id: str, disruption_id: str, strike: Strike | None) -> Notes:
        """Have a thread watched that is yet to start, and struck where a strike is given."""
        folder = notes / thread_id
        folder.mkdir(parents=True)
        if strike is not None:
            call = strike.call
            place = f"{call.function}:{call.invocation}:{call.number}"
            (folder / STRIKE).write_text(f"{place} {call.name} {strike.when}")
        # What the queue delivers names the disruption and not yet the thread.
        (notes / disruption_id).symlink_to(thread_id, target_is_directory=True)
        return cls(folder=folder)

    @property
    def struck(self) -> bool:
        """Whether a process has died as it was told to."""
        return (self.folder / STRUCK).exists()

    def calls(self) -> tuple[Call, ...]:
        """Return the calls that were made for the thread up to now."""
        return read_calls(self._lines())

    def count_ended(self, *functions: str) -> int:
        """Return how many invocations of these functions have ended by themselves."""
        return sum(line.endswith(f" {ENDED}") and line.startswith(functions) for line in self._lines())

    def _lines(self) -> list[str]:
        try:
            return (self.folder / CALLS).read_text().splitlines()
        except FileNotFoundError:
            return []
