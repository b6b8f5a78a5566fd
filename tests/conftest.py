from __future__ import annotations

import pytest


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter) -> None:
    """Print what tests counted: the sum of each property that is a number."""
    counted: dict[str, int] = {}
    for outcome in ("passed", "failed"):
        for report in terminalreporter.getreports(outcome):
            for name, value in report.user_properties:
                if isinstance(value, int):
                    counted[name] = counted.get(name, 0) + value
    for name, total in counted.items():
        terminalreporter.write_line(f"{name}: {total}")
