"""The package's public names, and what importing it does not load."""

from __future__ import annotations

import subprocess
import sys

from skymarshal import recovery


def test_the_public_names_are_these() -> None:
    assert sorted(recovery.__all__) == ["ArbitrationPolicy", "DEFAULT_POLICY", "arbitrate"]


def test_importing_the_arbitrator_loads_neither_the_solver_nor_aws() -> None:
    code = (
        "import sys, skymarshal.recovery;"
        "print([m for m in ('highspy', 'numpy', 'boto3', 'langgraph') if m in sys.modules])"
    )
    found = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert found.stdout.strip() == "[]"
