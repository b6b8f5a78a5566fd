"""Measures what the project claims about itself; exits with 1 where a figure is not met.

python -m bench            everything
python -m bench NAME ...   some: checkpoints, crew_check, decisions, disruption_cost, idle_cost
"""

from __future__ import annotations

import importlib
import sys
import time

BENCHMARKS = ("crew_check", "decisions", "disruption_cost", "idle_cost", "checkpoints")


def main(names: list[str]) -> int:
    """Run the benchmarks named, or all, and return the exit status."""
    unknown = [name for name in names if name not in BENCHMARKS]
    if unknown:
        print(f"bench: {unknown[0]} is not one of {', '.join(BENCHMARKS)}", file=sys.stderr)
        return 2
    missed = []
    for name in names or BENCHMARKS:
        print(f"\n== {name}", flush=True)
        began = time.perf_counter()
        if not importlib.import_module(f"bench.{name}").main():
            missed.append(name)
        print(f"({time.perf_counter() - began:.1f} s)", flush=True)
    if missed:
        print(f"\nNot every figure is met: {', '.join(missed)}")
    return int(bool(missed))


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
