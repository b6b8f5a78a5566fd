"""The real client of a knowledge base over a real socket: answered, refused, cut off and kept waiting."""

from __future__ import annotations

import json
import socket
from collections.abc import Callable, Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from threading import Event, Thread
from typing import Any

import boto3
import pytest
from botocore.config import Config

from skymarshal import aws
from skymarshal.domain.arbitration import Arbitration
from skymarshal.knowledge import BedrockKnowledgeBase, KnowledgeUnavailable, MemoryPrecedents, consult
from tests.unit.knowledge.cases import FOG_AT_LAHORE, arbitration, disruption

FOG = {
    "content": {"type": "TEXT", "text": "Radiation fog lifts after sunrise."},
    "location": {"type": "S3", "s3Location": {"uri": "s3://guidance/weather-fog.txt"}},
    "metadata": {"document": "Weather", "section": "Fog", "source": "practice"},
    "score": 0.81,
}
IMPATIENCE = 0.2


class Service:
    """Stands where Bedrock would, on a free port of the loopback, and says what a test lets it say."""

    def __init__(self) -> None:
        self.asked: list[tuple[str, dict[str, Any]]] = []
        self.status, self.body = 200, json.dumps({"retrievalResults": [FOG]})
        self.released = Event()
        self.released.set()
        service = self

        class Handler(BaseHTTPRequestHandler):
            def do_POST(self) -> None:
                body = self.rfile.read(int(self.headers["content-length"]))
                service.asked.append((self.path, json.loads(body)))
                service.released.wait()
                self.send_response(service.status)
                self.send_header("content-type", "application/json")
                self.send_header("content-length", str(len(service.body)))
                self.end_headers()
                self.wfile.write(service.body.encode())

            def log_message(self, *_: object) -> None:
                """Say nothing."""

        self._server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.url = f"http://127.0.0.1:{self._server.server_port}"
        Thread(target=self._server.serve_forever, args=(0.01,), daemon=True).start()

    def close(self) -> None:
        self.released.set()
        self._server.shutdown()
        self._server.server_close()


@pytest.fixture
def service() -> Iterator[Service]:
    running = Service()
    yield running
    running.close()


@pytest.fixture(autouse=True)
def account(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("AWS_ACCESS_KEY_ID", "test")
    monkeypatch.setenv("AWS_SECRET_ACCESS_KEY", "test")
    monkeypatch.setenv("AWS_DEFAULT_REGION", "eu-central-1")


@pytest.fixture
def reach(account: None) -> Callable[[str], BedrockKnowledgeBase]:
    """Return a knowledge base as the functions make it, only less patient."""

    def reached(url: str) -> BedrockKnowledgeBase:
        config = aws.knowledge_client().meta.config.merge(Config(read_timeout=IMPATIENCE))
        client = boto3.client("bedrock-agent-runtime", endpoint_url=url, config=config)
        return BedrockKnowledgeBase(client, "KB12345678")

    return reached


def consulted(knowledge: BedrockKnowledgeBase) -> Arbitration:
    return consult(arbitration(), disruption(), FOG_AT_LAHORE, knowledge, MemoryPrecedents())


def test_a_decision_cites_what_the_knowledge_base_answers(service, reach) -> None:
    made = consulted(reach(service.url))
    assert [(one.document, one.section, one.source) for one in made.citations] == [
        ("Weather", "Fog", "practice")
    ]
    assert made.knowledge.startswith("1 passage from the knowledge base KB12345678;")
    path, body = service.asked[0]
    assert path == "/knowledgebases/KB12345678/retrieve"
    assert body["retrievalQuery"]["text"].startswith("weather below minima at the airport")
    assert body["retrievalConfiguration"] == {"vectorSearchConfiguration": {"numberOfResults": 2}}


def test_a_knowledge_base_that_finds_nothing_is_said_to_hold_nothing(service, reach) -> None:
    service.body = json.dumps({"retrievalResults": []})
    assert consulted(reach(service.url)).knowledge.startswith(
        "knowledge base KB12345678 holds nothing on this;"
    )


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (429, {"message": "Too many requests"}),
        (403, {"message": "not allowed"}),
        (404, {"message": "no such knowledge base"}),
        (500, {"message": "broken"}),
        (200, {"message": "a proxy's own words"}),
    ],
)
def test_a_knowledge_base_that_refuses_is_asked_once_and_gone_without(service, reach, status, body) -> None:
    service.status, service.body = status, json.dumps(body)
    before = arbitration()
    made = consulted(reach(service.url))
    assert made.knowledge.startswith("knowledge base KB12345678 is unavailable;")
    assert (made.citations, made.solutions, made.recommended) == ((), before.solutions, before.recommended)
    assert len(service.asked) == 1


def test_a_knowledge_base_that_is_down_is_gone_without(reach) -> None:
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        made = consulted(reach(f"http://127.0.0.1:{taken.getsockname()[1]}"))
    assert made.knowledge.startswith("knowledge base KB12345678 is unavailable;")


def test_a_knowledge_base_that_keeps_silent_is_left_behind(service, reach) -> None:
    service.released.clear()
    with pytest.raises(KnowledgeUnavailable, match="Read timeout"):
        reach(service.url).search("fog", limit=2)
    assert len(service.asked) == 1


def test_the_functions_wait_no_longer_than_a_decision_may() -> None:
    config = aws.knowledge_client().meta.config
    assert (config.connect_timeout, config.read_timeout) == (1, 2)
    assert config.retries["total_max_attempts"] == 1
