from __future__ import annotations

from lambdas.agents.entry import agent_handler
from skymarshal.domain.assessment import AgentName

handler = agent_handler(AgentName.CARGO)
