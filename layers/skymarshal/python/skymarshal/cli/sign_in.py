"""`skymarshal login` and `logout`."""

from __future__ import annotations

import argparse
import contextlib
import os
import sys
import threading
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, HTTPServer
from typing import TYPE_CHECKING, Any, Final

from skymarshal.contracts import SIGN_IN_CALLBACK, SIGN_IN_PORTS
from skymarshal.errors import SkyMarshalError

if TYPE_CHECKING:
    from skymarshal.remote import Deployment, SessionStore

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_sign_in_commands"]

_WAIT_SECONDS: Final = 300.0
_PAGE: Final = (
    b"<!doctype html><meta charset=utf-8><title>SkyMarshal</title>"
    b"<p>SkyMarshal has the answer. Go back to the terminal; this page can be closed.</p>"
)


class NoAnswer(SkyMarshalError):
    """The browser did not come back with an answer, or none could be taken."""


def add_sign_in_commands(subparsers: _Subparsers) -> None:
    """Add `login` and `logout` to the command line."""
    login = subparsers.add_parser(
        "login",
        help="sign in, to list threads and decide on them over the API",
        description="Signs in on the user pool's own pages: password, second factor and first-time set-up "
        "happen there. The session lasts a shift and is kept in a file that only you can read.",
        epilog="The three addresses are the output SignInCommand of the stack SkyMarshalApi; they are "
        "remembered from the last time.",
    )
    login.add_argument("--api", metavar="URL", help="address of the API (SKYMARSHAL_API_URL)")
    login.add_argument(
        "--sign-in", metavar="URL", help="address of the sign-in pages (SKYMARSHAL_SIGN_IN_URL)"
    )
    login.add_argument("--client", metavar="ID", help="client of the user pool (SKYMARSHAL_CLIENT_ID)")
    login.add_argument(
        "--no-browser",
        action="store_true",
        help="print the link, to be opened on any device, and ask for the address at which it ends",
    )
    login.set_defaults(run=_login)
    logout = subparsers.add_parser("logout", help="forget the session on this machine")
    logout.set_defaults(run=_logout)


def _login(chosen: argparse.Namespace) -> int:
    from skymarshal.ports import system_clock
    from skymarshal.remote import SessionStore, signed_in

    store = SessionStore()
    deployment = _deployment(chosen, store)
    if chosen.no_browser:
        callback = SIGN_IN_CALLBACK.format(port=SIGN_IN_PORTS[0])
        session = signed_in(deployment, callback, _pasted, now=system_clock)
    else:
        with _listening() as (callback, ask):
            session = signed_in(deployment, callback, ask, now=system_clock)
    store.keep(session)
    role = (
        ", ".join(session.groups)
        or "in no group: an admin has to add you to one before you can read anything"
    )
    sys.stdout.write(f"Signed in as {session.user} ({role}).\n")
    return 0


def _logout(_: argparse.Namespace) -> int:
    from skymarshal.remote import SessionStore

    sys.stdout.write("Signed out.\n" if SessionStore().forget() else "Nobody was signed in.\n")
    return 0


def _deployment(chosen: argparse.Namespace, store: SessionStore) -> Deployment:
    from skymarshal.remote import Deployment, NotSignedIn
    from skymarshal.remote.sign_in import secure_url

    try:
        last: Any = store.load()
    except NotSignedIn:
        last = None

    def one(flag: str, given: str | None, variable: str, field: str) -> str:
        value = given or os.environ.get(variable) or (getattr(last, field) if last else None)
        if not value:
            raise NoAnswer(
                f"{flag} is not given, and {variable} is not set: the stack SkyMarshalApi puts out the whole "
                "command as SignInCommand"
            )
        return str(value)

    return Deployment(
        api_url=secure_url("--api", one("--api", chosen.api, "SKYMARSHAL_API_URL", "api_url")),
        sign_in_url=secure_url(
            "--sign-in", one("--sign-in", chosen.sign_in, "SKYMARSHAL_SIGN_IN_URL", "sign_in_url")
        ),
        client_id=one("--client", chosen.client, "SKYMARSHAL_CLIENT_ID", "client_id"),
    )


def _pasted(pages: str) -> str:
    sys.stdout.write(f"Open this link on any device and sign in:\n\n{pages}\n\n")
    sys.stdout.write("The browser ends at an address of localhost that it may not be able to show.\n")
    try:
        return input("Paste that address here: ")
    except EOFError:
        raise NoAnswer("no address was pasted: nobody is signed in") from None


@contextlib.contextmanager
def _listening() -> Iterator[tuple[str, Callable[[str], str]]]:
    """Listen on the first free port that the client may lead back to."""
    came: list[str] = []
    there = threading.Event()

    class Answer(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            if self.path.partition("?")[0] != "/callback":
                self.send_error(404)
                return
            self.send_response(200)
            self.send_header("content-type", "text/html; charset=utf-8")
            self.send_header("cache-control", "no-store")
            self.send_header("referrer-policy", "no-referrer")
            self.end_headers()
            self.wfile.write(_PAGE)
            came.append(self.path)
            there.set()

        def log_message(self, *_: Any) -> None:  # noqa: ANN401
            """Log nothing: the address holds the code."""

    server = _server(Answer)
    threading.Thread(target=server.serve_forever, daemon=True, name="sign-in").start()

    def ask(pages: str) -> str:
        import webbrowser

        opened = webbrowser.open(pages)
        begin = "A browser has been opened to sign in." if opened else "No browser could be opened."
        sys.stdout.write(f"{begin} If it shows nothing, open this link on this machine:\n\n{pages}\n\n")
        sys.stdout.flush()
        if not there.wait(_WAIT_SECONDS):
            raise NoAnswer("nobody signed in within 5 minutes; --no-browser works without a browser here")
        return came[0]

    try:
        yield SIGN_IN_CALLBACK.format(port=server.server_address[1]), ask
    finally:
        server.shutdown()
        server.server_close()


def _server(handler: type[BaseHTTPRequestHandler]) -> HTTPServer:
    for port in SIGN_IN_PORTS:
        with contextlib.suppress(OSError):
            return HTTPServer(("127.0.0.1", port), handler)
    ports = ", ".join(map(str, SIGN_IN_PORTS))
    raise NoAnswer(f"the ports {ports} are all taken on this machine: free one, or use --no-browser")
