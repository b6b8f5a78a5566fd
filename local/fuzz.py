"""`make fuzz`: thousands of generated requests against the deployed API, held to its published document.

REQUESTS=number   how many are aimed at, 7500 by default; what can be asked in few ways only gets fewer
"""

from __future__ import annotations

import contextlib
import json
import os
import sys
import time
from collections.abc import Callable
from datetime import UTC, datetime
from functools import partial
from typing import Any, Final, TypeAlias

import schemathesis
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis.errors import Unsatisfiable
from hypothesis.strategies import SearchStrategy
from requests import Session
from schemathesis.checks import not_a_server_error
from schemathesis.core.result import Ok
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    negative_data_rejection,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from local.environments import ROOT
from local.leash import end_with_parent
from local.portal import Portal
from local.system import System, running_system
from local.unfit_tokens import unfit_tokens
from skymarshal.http_api import OPERATIONS
from skymarshal.operations.airline import SCENARIOS, scenario_event

__all__ = ["main"]

_Case: TypeAlias = schemathesis.Case[Any]

_DOCUMENT: Final = ROOT / "docs/openapi.json"
_CHECKS: Final = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
]
_CLOSED: Final = (401, 403)
_THREADS: Final = 8
_SECONDS: Final = 30.0


def main() -> int:
    """Deploy, publish a few disruptions, and ask; return the exit status."""
    end_with_parent()
    today = datetime.now(UTC).date()
    with running_system(today, lambda step: print(f"{step} ...", flush=True)) as system:
        manager = system.portal("duty.manager@skymarshal.example", "duty-manager")
        observer = system.portal("observer@skymarshal.example", "observer")
        names = list(SCENARIOS)
        threads = [
            system.publish(
                {**scenario_event(names[number % len(names)], today), "disruption_id": f"fuzz-{number}"}
            )
            for number in range(_THREADS)
        ]
        for thread_id in threads:
            system.wait(f"the approval of {thread_id}", partial(_asked, manager, thread_id))
        began = time.monotonic()
        asked = _fuzz(system, manager, threads, int(os.environ.get("REQUESTS", "7500")))
        print(
            f"{asked} generated requests in {time.monotonic() - began:.0f} s:"
            " no 5xx, no answer off its schema"
        )
        return _refused(system, observer, threads[0])


def _asked(portal: Portal, thread_id: str) -> bool:
    answer = portal.request("GET", f"/v1/threads/{thread_id}")
    return answer.status_code == 200 and answer.json()["status"] == "awaiting_approval"


def _fuzz(system: System, portal: Portal, threads: list[str], requests: int) -> int:
    """Ask every operation with generated requests, right ones and wrong ones; return how many there were."""
    described = schemathesis.openapi.from_dict(_without_security())
    url = system.aws.api_url(system.outputs["ApiId"])
    operations = [found.ok() for found in described.get_all_operations() if isinstance(found, Ok)]
    asked = 0
    with Session() as session:
        for operation in operations:
            for mode in GenerationMode:
                each = -(-requests // (len(operations) * len(GenerationMode)))

                def ask(case: _Case) -> None:
                    nonlocal asked
                    asked += 1
                    # Known threads most of the time, or nearly every answer would be that there is none.
                    if "thread_id" in case.path_parameters and asked % 4:
                        case.path_parameters["thread_id"] = threads[asked % len(threads)]
                    # A query that names nothing can be read in no wrong way, however it was meant.
                    checks = [*_CHECKS, negative_data_rejection] if case.operation.body else _CHECKS
                    case.call_and_validate(
                        base_url=url,
                        session=session,
                        headers={"Authorization": f"Bearer {portal.token}"},
                        checks=checks,
                        timeout=_SECONDS,
                    )

                _generated(operation.as_strategy(generation_mode=mode), each, ask)
            print(f"{operation.label}: {asked} requests so far", flush=True)
    return asked


def _without_security() -> dict[str, Any]:
    """Return the document as one who has a token sees it: who has none is tried apart."""
    document: dict[str, Any] = json.loads(_DOCUMENT.read_text())
    del document["components"]["securitySchemes"]
    for methods in document["paths"].values():
        for operation in methods.values():
            del operation["security"]
    return document


def _generated(cases: SearchStrategy[_Case], number: int, ask: Callable[[_Case], None]) -> None:
    generated = settings(
        max_examples=number,
        deadline=None,
        database=None,
        derandomize=True,
        phases=[Phase.generate],
        suppress_health_check=list(HealthCheck),
    )(given(cases)(ask))
    # Of an operation that takes nothing, no wrong request can be made.
    with contextlib.suppress(Unsatisfiable):
        generated()


def _refused(system: System, observer: Portal, thread_id: str) -> int:
    """Ask every operation with each unfit token, and what decides with an observer's; return the status."""
    url = system.aws.api_url(system.outputs["ApiId"])
    unfit = {what: Portal(url, token) for what, token in unfit_tokens(system.aws).items()}
    let_through = []
    asked = 0
    for operation in OPERATIONS.values():
        if operation.public:
            continue
        address = operation.address(thread_id=thread_id)
        for what, who in {**unfit, **({"an observer's": observer} if operation.decides else {})}.items():
            status = who.request(operation.method, address, {}).status_code
            asked += 1
            if status not in _CLOSED:
                let_through.append(f"{operation.method} {address}, {what}: {status}")
    print(f"{asked} requests with tokens of {len(unfit) + 1} kinds that are not fit:", *unfit, sep="\n  ")
    print(*let_through, f"{len(let_through)} of them let through", sep="\n")
    return 1 if let_through else 0


if __name__ == "__main__":
    sys.exit(main())
