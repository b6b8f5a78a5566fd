"""Lambda as moto's Step Functions calls it: our handlers, in this process."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import SimpleNamespace
from typing import Any
from unittest import mock

from moto.awslambda_simple.models import LambdaSimpleBackend
from moto.stepfunctions.parser.asl.component.common.retry import retrier_decl

from skymarshal.ports import Sleep
from tests.flow.step_functions import TaskError


@contextmanager
def lambda_calls(invoke: Callable[[str, Any], Any], sleep: Sleep) -> Iterator[None]:
    """Let moto's Lambda call `invoke` with the function's name and the event, and its retriers `sleep`.

    moto runs functions in Docker or answers with canned results, and its retriers really sleep. It has no
    port for either, so two of its internals are replaced, here and nowhere else.
    """

    def called(_, function_name, qualifier, body, headers, response_headers) -> bytes:
        try:
            answer = invoke(function_name.rpartition(":")[2], json.loads(body))
        except TaskError as error:
            response_headers["x-amz-function-error"] = "Unhandled"
            answer = {"errorType": error.name, "errorMessage": error.cause}
        return json.dumps(answer).encode()

    with (
        mock.patch.object(LambdaSimpleBackend, "invoke", called),
        mock.patch.object(retrier_decl, "time", SimpleNamespace(sleep=sleep)),
    ):
        yield
