"""The flow's task token, kept sealed: whoever holds it could wake the flow, decided or not."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final, Protocol

if TYPE_CHECKING:
    from mypy_boto3_kms import KMSClient

__all__ = ["KmsSeal", "NoSeal", "TokenSeal"]

_PURPOSE: Final = "approval-token"


class TokenSeal(Protocol):
    """Seals task tokens, each for its thread."""

    def seal(self, thread_id: str, token: str) -> bytes:
        """Return the token as it may be kept."""
        ...

    def open(self, thread_id: str, sealed: bytes) -> str:
        """Return the token that was sealed for the thread."""
        ...


class NoSeal:
    """For a run in one process, whose token wakes nobody."""

    def seal(self, thread_id: str, token: str) -> bytes:  # noqa: ARG002
        """Return the token as it is."""
        return token.encode()

    def open(self, thread_id: str, sealed: bytes) -> str:  # noqa: ARG002
        """Return the token as it is."""
        return sealed.decode()


class KmsSeal:
    """Encrypts with a key of KMS. A task token is shorter than the 4 KB that KMS itself encrypts.

    The thread is part of the encryption context, so that a token can't be passed off as another thread's, and
    so is the purpose, by which roles are allowed to seal or to open.
    """

    def __init__(self, client: KMSClient, key_id: str) -> None:
        self._client = client
        self._key_id = key_id

    def seal(self, thread_id: str, token: str) -> bytes:
        """Encrypt the token."""
        answer = self._client.encrypt(
            KeyId=self._key_id, Plaintext=token.encode(), EncryptionContext=_context(thread_id)
        )
        return answer["CiphertextBlob"]

    def open(self, thread_id: str, sealed: bytes) -> str:
        """Decrypt the token."""
        answer = self._client.decrypt(
            KeyId=self._key_id, CiphertextBlob=sealed, EncryptionContext=_context(thread_id)
        )
        return answer["Plaintext"].decode()


def _context(thread_id: str) -> dict[str, str]:
    return {"purpose": _PURPOSE, "thread_id": thread_id}
