"""The calls of AWS that the functions make for one thread, as their rider notes them."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from pathlib import Path
from typing import Final

from local.chaos.rider import BEGUN, CALLS, ENDED, STRIKE, STRUCK
from local.system import OPERATIONS_PREFIX

__all__ = ["Call", "Notes", "Strike", "When", "read_calls"]

_PREFIX: Final = "skymarshal-"


class When(StrEnum):
    """When a process dies: before the call is made, or after it was answered."""

    BEFORE = "before"
    AFTER = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call: the how manieth of the how manieth invocation of a function for a thread, from 1."""

    function: str
    invocation: int
    number: int
    name: str

    @property
    def place(self) -> str:
        """What tells the call from all others of a thread, such as `agent-cargo:2:5`."""
        return f"{self.function.removeprefix(_PREFIX)}:{self.invocation}:{self.number}"

    @property
    def reads_operations(self) -> bool:
        """Whether it reads the airline's tables, which nobody writes."""
        return any(word.startswith(OPERATIONS_PREFIX) for word in self.name.split())


@dataclass(frozen=True, slots=True, kw_only=True)
class Strike:
    """The death of the process that makes a call; where it stops, of the execution that it works for too."""

    call: Call
    when: When
    stops: bool = False

    def __str__(self) -> str:
        stopped = ", the execution stopped" if self.stops else ""
        return f"{self.call.place} {self.when}{stopped} ({self.call.name})"

    @property
    def disruption_id(self) -> str:
        """A name for the run that it strikes."""
        place = self.call.place.replace(":", "-")
        return f"struck-{place}-{self.when}{'-stopped' if self.stops else ''}"


def read_calls(lines: Iterable[str]) -> tuple[Call, ...]:
    """Return the calls among the lines that a rider wrote, in their order."""
    calls = []
    for line in lines:
        place, name = line.rstrip("\n").split(" ", 1)
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
            (folder / STRIKE).write_text(f"{place} {strike.when}")
        # What the queue delivers names the disruption and not yet the thread.
        (notes / disruption_id).symlink_to(thread_id, target_is_directory=True)
        return cls(folder=folder)

    @property
    def struck(self) -> bool:
        """Whether a process has died as it was told to."""
        return (self.folder / STRUCK).exists()

    def calls(self) -> tuple[Call, ...]:
        """Return the calls that were made for the thread up to now."""
        with (self.folder / CALLS).open() as lines:
            return read_calls(lines)
