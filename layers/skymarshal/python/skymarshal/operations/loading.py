"""Writes a data set into the operational tables."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from random import Random, SystemRandom
from typing import TYPE_CHECKING, Final

from skymarshal.operations.dynamodb import RETRY_DELAYS
from skymarshal.operations.errors import UnloadedRowsError
from skymarshal.operations.items import to_item
from skymarshal.operations.records import Record
from skymarshal.operations.tables import Dataset
from skymarshal.ports import Sleep, system_sleep

if TYPE_CHECKING:
    from mypy_boto3_dynamodb import DynamoDBClient
    from mypy_boto3_dynamodb.type_defs import WriteRequestUnionTypeDef

__all__ = ["load"]

_BATCH: Final = 25
_THREADS: Final = 8


def load(
    dataset: Dataset,
    client: DynamoDBClient,
    prefix: str,
    *,
    sleep: Sleep = system_sleep,
    random: Random | None = None,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Put every row into its table, whose name begins with `prefix`; return how many rows there were.

    Loading the same rows again changes nothing. `progress` is told the number of rows of each batch
    as it is written, from several threads.

    Raises:
        UnloadedRowsError: A table left rows unprocessed on every attempt.
    """
    jitter = SystemRandom() if random is None else random

    def write(name: str, rows: Sequence[Record]) -> int:
        pending: Sequence[WriteRequestUnionTypeDef] = [{"PutRequest": {"Item": to_item(row)}} for row in rows]
        for delay in (*RETRY_DELAYS, None):
            answer = client.batch_write_item(RequestItems={prefix + name: pending})
            pending = answer["UnprocessedItems"].get(prefix + name, [])
            if not pending:
                if progress is not None:
                    progress(len(rows))
                return len(rows)
            if delay is not None:
                sleep(jitter.uniform(0, delay))
        raise UnloadedRowsError(table=name, rows=len(pending), attempts=len(RETRY_DELAYS) + 1)

    with ThreadPoolExecutor(max_workers=_THREADS) as pool:
        batches = [
            pool.submit(write, name, rows[start : start + _BATCH])
            for name, rows in dataset.items()
            for start in range(0, len(rows), _BATCH)
        ]
        try:
            return sum(batch.result() for batch in batches)
        except BaseException:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
