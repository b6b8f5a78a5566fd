"""Which store the settings ask for."""

from __future__ import annotations

import logging
from datetime import timedelta
from pathlib import Path
from typing import TYPE_CHECKING

from skymarshal.checkpoints.memory_store import MemoryStore
from skymarshal.ports import Clock, Sleep, new_id, system_clock, system_sleep
from skymarshal.settings import CheckpointMode, OutageMode, Settings

if TYPE_CHECKING:
    from skymarshal.checkpoints.saver import CheckpointSaver
    from skymarshal.checkpoints.store import Store

__all__ = ["aws_store", "open_checkpointer", "open_store"]

logger = logging.getLogger(__name__)


def open_checkpointer(settings: Settings, *, clock: Clock = system_clock) -> CheckpointSaver | None:
    """Return the saver that the settings ask for and log which it is; None where they disable it."""
    from skymarshal.checkpoints.saver import CheckpointSaver

    store = open_store(settings)
    if store is None:
        return None
    return CheckpointSaver(store, clock=clock, retention=timedelta(days=settings.checkpoint_ttl_days))


def open_store(settings: Settings, *, sleep: Sleep = system_sleep) -> Store | None:
    """Return the store that the settings ask for and log which it is; None where they disable it."""
    if settings.checkpoint_mode is CheckpointMode.DISABLED:
        logger.warning("checkpoints are disabled: nothing can be resumed, approved or replayed")
        return None
    store: Store
    if settings.checkpoint_mode is CheckpointMode.DEVELOPMENT:
        store = MemoryStore()
    else:
        store = aws_store(settings.checkpoint_table_name, settings.checkpoint_bucket_name, sleep=sleep)
        if settings.checkpoint_on_outage is OutageMode.BUFFER:
            from skymarshal.checkpoints.outage import BufferedStore

            store = BufferedStore(store, Path(settings.checkpoint_outage_folder), new_id=new_id)
    logger.info("checkpoints in %r, kept %d days", store, settings.checkpoint_ttl_days)
    return store


def aws_store(table_name: str, bucket_name: str | None, *, sleep: Sleep = system_sleep) -> Store:
    """Return a store on DynamoDB and S3 with clients from boto3's ordinary environment."""
    from skymarshal.aws import dynamodb_client, s3_client
    from skymarshal.checkpoints.dynamodb_store import DynamoDBStore
    from skymarshal.checkpoints.objects import ObjectBucket
    from skymarshal.checkpoints.retries import Retries

    retries = Retries(sleep)
    bucket = None if bucket_name is None else ObjectBucket(s3_client(), bucket_name, retries)
    return DynamoDBStore(dynamodb_client(), table_name, bucket=bucket, retries=retries)
