"""What to do about a disruption: candidates, feasibility, scores, the Pareto front and recovery plans."""

from __future__ import annotations

from skymarshal.recovery.arbitrator import arbitrate
from skymarshal.recovery.policy import DEFAULT_POLICY, ArbitrationPolicy

__all__ = ["DEFAULT_POLICY", "ArbitrationPolicy", "arbitrate"]
