"""The session of a signed-in user, kept between two commands in a file that only the user can read."""

from __future__ import annotations

import contextlib
import os
from dataclasses import dataclass
from datetime import datetime
from pathlib import Path

import msgspec

from skymarshal.errors import SkyMarshalError

__all__ = ["NotSignedIn", "Session", "SessionStore"]


class NotSignedIn(SkyMarshalError):
    """There is no session, or it has ended."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Session:
    """Who is signed in, where, and the tokens for it.

    `expires_at` is when `id_token` expires; a new one is had for `refresh_token` until the shift ends.
    """

    api_url: str
    sign_in_url: str
    client_id: str
    user: str
    groups: tuple[str, ...]
    id_token: str
    refresh_token: str
    expires_at: datetime

    def __repr__(self) -> str:
        """Return it without its tokens."""
        return f"Session(user={self.user!r}, api_url={self.api_url!r}, expires_at={self.expires_at!r})"


class SessionStore:
    """Keeps one session in a file, by default in the user's state folder."""

    def __init__(self, file: Path | None = None) -> None:
        self._file = file or _state_folder() / "session.json"

    def load(self) -> Session:
        """Return the session that was kept.

        Raises:
            NotSignedIn: There is none, or it can't be read.
        """
        try:
            return msgspec.json.decode(self._file.read_bytes(), type=Session)
        except FileNotFoundError:
            raise NotSignedIn("nobody is signed in: `skymarshal login` first") from None
        except (OSError, msgspec.MsgspecError) as error:
            raise NotSignedIn(f"{self._file} can't be read ({error}): `skymarshal login` again") from None

    def keep(self, session: Session) -> None:
        """Write the session, whole or not at all."""
        self._file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        beside = self._file.with_name(f"{self._file.name}.{os.getpid()}")
        # Created for the owner alone: permissions set afterwards would leave a moment to read it in.
        descriptor = os.open(beside, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
        try:
            with open(descriptor, "wb") as file:  # noqa: PTH123 the descriptor carries the permissions
                file.write(msgspec.json.encode(session))
            beside.replace(self._file)
        except BaseException:
            beside.unlink(missing_ok=True)
            raise

    def forget(self) -> bool:
        """Delete the session; return whether there was one."""
        with contextlib.suppress(FileNotFoundError):
            self._file.unlink()
            return True
        return False


def _state_folder() -> Path:
    return Path(os.environ.get("XDG_STATE_HOME") or Path.home() / ".local/state") / "skymarshal"
