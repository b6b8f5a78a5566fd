"""When an AWS call is worth repeating, and how long to wait before it."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Final, TypeVar

import tenacity
from botocore.exceptions import (
    ClientError,
    ConnectionError,  # noqa: A004 - botocore's name
    CredentialRetrievalError,
    HTTPClientError,
    NoCredentialsError,
    PartialCredentialsError,
)

from skymarshal.checkpoints.errors import StoreUnavailable
from skymarshal.ports import Sleep

__all__ = ["Jitter", "Retries", "error_code", "is_transient"]

T = TypeVar("T")
Jitter = Callable[[], float]

_DELAYS: Final = (0.1, 0.2, 0.4, 0.8, 1.6)
_UNREACHABLE: Final = (
    HTTPClientError,
    ConnectionError,
    NoCredentialsError,
    PartialCredentialsError,
    CredentialRetrievalError,
)
_TRANSIENT: Final = frozenset(
    {
        "InternalError",
        "InternalServerError",
        "ProvisionedThroughputExceeded",
        "ProvisionedThroughputExceededException",
        "RequestLimitExceeded",
        "RequestTimeout",
        "ServiceUnavailable",
        "SlowDown",
        "ThrottledException",
        "Throttling",
        "ThrottlingError",
        "ThrottlingException",
        "TransactionConflict",
        "TransactionConflictException",
        "TransactionInProgressException",
    }
)


_system_jitter: Final[Jitter] = random.SystemRandom().random


class Unfinished(Exception):
    """The service took only part of a batch."""


class Retries:
    """Repeats a call at most five times, after 100 to 1,600 ms with full jitter.

    The jitter is the system's own: a generator of the process is in the same state in every environment that
    starts from one snapshot, so that all would wait alike.
    """

    def __init__(self, sleep: Sleep, jitter: Jitter = _system_jitter) -> None:
        self._jitter = jitter
        self._retrying = tenacity.Retrying(
            stop=tenacity.stop_after_attempt(1 + len(_DELAYS)),
            wait=self._wait,
            retry=tenacity.retry_if_exception(is_transient),
            sleep=sleep,
            reraise=True,
        )

    def __call__(self, call: Callable[[], T], *, what: str) -> T:
        """Return what `call` returns.

        Raises:
            StoreUnavailable: throttled or unreachable on every attempt, or refused for lack of valid
                credentials.
        """
        try:
            return self._retrying(call)
        except Unfinished as error:
            raise StoreUnavailable(f"{what}: only part of the batch was taken") from error
        except ClientError as error:
            if is_transient(error) or _is_credential(error):
                raise StoreUnavailable(f"{what}: {error}") from error
            raise
        except _UNREACHABLE as error:
            raise StoreUnavailable(f"{what}: {error}") from error

    def _wait(self, state: tenacity.RetryCallState) -> float:
        # Asked once more after the last attempt, although nothing follows it.
        if state.attempt_number > len(_DELAYS):
            return 0.0
        return _DELAYS[state.attempt_number - 1] * self._jitter()


def is_transient(error: BaseException) -> bool:
    """Return whether the same call may succeed when repeated."""
    if isinstance(error, Unfinished):
        return True
    if isinstance(error, ClientError):
        status = error.response.get("ResponseMetadata", {}).get("HTTPStatusCode", 0)
        reasons = {reason.get("Code") for reason in error.response.get("CancellationReasons", [])}
        if reasons & {"ConditionalCheckFailed"}:
            return False
        return error_code(error) in _TRANSIENT or status >= 500 or bool(reasons & _TRANSIENT)
    return isinstance(error, HTTPClientError | ConnectionError)


def error_code(error: ClientError) -> str:
    """Return the service's name for the error."""
    return str(error.response.get("Error", {}).get("Code", ""))


def _is_credential(error: ClientError) -> bool:
    return error_code(error) in {
        "AccessDenied",
        "AccessDeniedException",
        "ExpiredToken",
        "ExpiredTokenException",
        "InvalidClientTokenId",
        "UnrecognizedClientException",
    }
