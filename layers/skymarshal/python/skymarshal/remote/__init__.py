"""The deployed API as a signed-in user reaches it from a terminal."""

from __future__ import annotations

from skymarshal.remote.client import Api, ApiRefused, ApiUnreachable
from skymarshal.remote.session import NotSignedIn, Session, SessionStore
from skymarshal.remote.sign_in import Deployment, SignInFailed, refreshed, signed_in

__all__ = [
    "Api",
    "ApiRefused",
    "ApiUnreachable",
    "Deployment",
    "NotSignedIn",
    "Session",
    "SessionStore",
    "SignInFailed",
    "refreshed",
    "signed_in",
]
