"""From an empty user pool to a decision, by the command line alone, on the user pool's own pages."""

from __future__ import annotations

import html
import re
import webbrowser
from threading import Thread

import httpx
import pytest

from skymarshal.cli import main
from skymarshal.operations.airline import scenario_event

pytestmark = pytest.mark.embedded_aws

EMAIL = "first.user@skymarshal.example"
TEMPORARY = "Temporary-1-password"
PASSWORD = "Chosen-1-by-the-user"


class Browser:
    """Fills in the pages' forms as a person would; the user's first sign-in asks for a new password."""

    def __init__(self, pages: str) -> None:
        self.http = httpx.Client(base_url=pages, timeout=60, trust_env=False)
        self.ended_at = ""

    def open(self, url: str) -> bool:
        Thread(target=self.sign_in, args=(url,), daemon=True).start()
        return True

    def sign_in(self, url: str) -> None:
        page = self.http.get(url)
        page = self.submit(page.text, username=EMAIL, password=TEMPORARY)
        if page.status_code == 200 and "new_password" in page.text:
            page = self.submit(page.text, new_password=PASSWORD, confirm_password=PASSWORD)
        elif page.status_code == 200:
            again = self.http.get(url)
            page = self.submit(again.text, username=EMAIL, password=PASSWORD)
        assert page.status_code == 302, page.text
        self.ended_at = page.headers["location"]
        if self.follow:
            assert httpx.get(self.ended_at, trust_env=False).status_code == 200

    follow = True

    def submit(self, page: str, **filled: str) -> httpx.Response:
        hidden = dict(re.findall(r'type="hidden" name="(\w+)" value="([^"]*)"', page))
        return self.http.post("/login", data={k: html.unescape(v) for k, v in hidden.items()} | filled)


@pytest.fixture(scope="module")
def operator(system):
    """The environment of an operator: credentials of the account, and the user pool."""
    with pytest.MonkeyPatch.context() as patch:
        for name, value in system.aws.environment.items():
            patch.setenv(name, value)
        patch.setenv("USER_POOL_ID", system.outputs["UserPoolId"])
        patch.delenv("CHECKPOINT_MODE", raising=False)
        yield patch


@pytest.fixture
def run(operator, tmp_path_factory, capsys, monkeypatch):
    monkeypatch.setenv("XDG_STATE_HOME", str(tmp_path_factory.getbasetemp() / "sign-in"))

    def command(*arguments: str) -> tuple[int, str, str]:
        status = main(arguments)
        out, err = capsys.readouterr()
        return status, out, err

    return command


@pytest.fixture
def login(system):
    pages = system.aws.connection["endpoint_url"]
    addresses = ("--api", system.aws.api_url(system.outputs["ApiId"]), "--sign-in", pages)
    return ("login", *addresses, "--client", system.outputs["UserPoolClientId"])


def test_the_stack_says_how_to_sign_in(system):
    command = system.outputs["SignInCommand"]

    assert command.startswith("skymarshal login --api ")
    assert f"--client {system.outputs['UserPoolClientId']}" in command
    assert f"--sign-in {system.outputs['SignInUrl']}" in command


def test_the_first_user_is_added_signs_in_and_decides(system, run, login, monkeypatch):
    assert run("threads") == (2, "", "skymarshal threads: nobody is signed in: `skymarshal login` first\n")

    status, out, _ = run("users", "add", EMAIL, "--group", "duty-manager")
    assert (status, out.count("temporary password")) == (0, 1)
    assert "was there already" in run("users", "add", EMAIL, "--group", "duty-manager")[1]
    # The pool sends the temporary password by mail, which the embedded AWS does not deliver.
    system.client("cognito-idp").admin_set_user_password(
        UserPoolId=system.outputs["UserPoolId"], Username=EMAIL, Password=TEMPORARY, Permanent=False
    )

    monkeypatch.setattr(webbrowser, "open", Browser(system.aws.connection["endpoint_url"]).open)
    status, out, err = run(*login)
    assert (status, err) == (0, "")
    assert out.endswith(f"Signed in as {EMAIL} (duty-manager).\n")

    event = scenario_event("hydraulic", system.today)
    thread = system.publish({**event, "disruption_id": "SIGN-IN-1"})
    system.wait("the approval", lambda: "To be decided until" in run("approval", thread)[1], 90)
    assert thread in run("threads", "--status", "awaiting_approval", "--json")[1]

    refused = run("approve", thread, "--solution", "S9")
    assert refused[0] == 2 and "S9" in refused[2]
    status, out, _ = run("approve", thread, "--comment", "As discussed with maintenance")
    assert status == 0
    assert re.match(rf"Approved S1 by {re.escape(EMAIL)} at [\d-]{{10}} \d\d:\d\dZ\n", out)
    again = run("reject", thread, "--reason", "too late")
    assert again[0] == 2 and EMAIL in again[2]
    shown = run("approval", thread)[1]
    assert re.match(r"EY283-\d{4}-\d{2}-\d{2}, disruption SIGN-IN-1\n", shown)
    assert f"Decided: approved by {EMAIL}" in shown

    assert run("logout") == (0, "Signed out.\n", "")
    assert run("threads")[0] == 2


def test_without_a_browser_here_the_address_is_pasted(system, run, login, monkeypatch):
    browser = Browser(system.aws.connection["endpoint_url"])
    browser.follow = False
    shown = []
    monkeypatch.setattr("sys.stdout.write", shown.append, raising=False)

    def paste(_: str) -> str:
        link = next(line for text in shown for line in text.splitlines() if "/oauth2/authorize?" in line)
        browser.sign_in(link)
        return browser.ended_at

    monkeypatch.setattr("builtins.input", paste)

    assert main([*login, "--no-browser"]) == 0
    assert shown[-1] == f"Signed in as {EMAIL} (duty-manager).\n"


def test_a_disruption_is_reported_in_words_or_as_a_file(run, tmp_path):
    text = "EY283 tomorrow has a hydraulic leak, two hours to fix"
    status, out, _ = run("report-disruption", "--id", "SIGN-IN-2", "--text", text)
    assert status == 0
    assert re.match(r"Reported\. Thread [0-9a-f-]{36}\n", out)
    unread = run("report-disruption", "--id", "SIGN-IN-4", "--text", "")
    assert (unread[0], "a flight designator" in unread[2]) == (2, True)

    event = tmp_path / "fog.json"
    event.write_text(run("scenarios", "fog")[1])
    assert run("report-disruption", "--event", str(event), "--id", "SIGN-IN-3")[0] == 0
    assert "--id is missing" in run("report-disruption", "--text", text)[2]
    event.write_text("[1]")
    assert "holds a list" in run("report-disruption", "--event", str(event))[2]


def test_the_sample_airline_is_not_loaded_over_flights_unasked(run):
    assert "holds flights already" in run("sample", "load")[2]

    status, out, _ = run("sample", "load", "--replace")
    assert status == 0
    assert re.search(r"^[\d,]+ rows written to the tables SkyMarshal-\.\.\.$", out)


def test_who_is_removed_signs_in_no_more(system, run):
    assert run("users", "remove", EMAIL)[0] == 0
    status, _, err = run("users", "remove", EMAIL)

    assert (status, "UserNotFoundException" in err) == (2, True)
    assert run("users", "add", "no address", "--group", "observer")[0] == 2
