"""Writes docs/security.md from the synthesized templates: `python -m infra.security_report`."""

from __future__ import annotations

import json
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Final

from infra.access import Deployment, Grant, Principal
from infra.application import synthesize
from infra.components.layers import stand_in_layers
from infra.threats import THREATS

__all__ = ["REPORT", "render"]

REPORT: Final = Path(__file__).resolve().parent.parent / "docs" / "security.md"

_THREATS_HEAD: Final = """\
# Security

Made by `make docs`; a test fails when it is out of date.

## What could be harmed, and what stops it

Assets: that the decision shown and taken is the one that was computed and approved; the task tokens that
wake the flow; the record of each decision; what is known of passengers and crew; that the service is there.
Trusted are AWS itself, the administrators of the account and its delivery pipeline, and whoever writes the
operational tables. Each line names the tests that show it, under `tests/`.

"""
_HEAD: Final = """
# Who may reach what

Made from the templates. `{account}` and `{region}` stand for those of the deployment.

Each function has a role of its own, and so have the people who run the operators' commands. No role may scan
or delete what is kept, and the operational tables are read only.
"""
_WILDCARDS_HEAD: Final = """
## Wildcards

The only permissions that don't name their resources in full, and why:

| Actions | Resources | Roles | Why |
|---|---|---|---|
"""
_ACCEPTED_HEAD: Final = """
## Answers to cdk-nag

The rules are those of AwsSolutions; a finding without an answer fails the tests.

"""
_REASONS: Final = {
    "xray": "X-Ray knows no resources",
    "logs": "the delivery of Step Functions' logs knows no resources",
    "s3": "a bucket's objects are named by their prefix",
    "states": "executions are named by their machine",
}
_THREADS: Final = {
    "WriteThreads": "read, write",
    "WriteRuns": "read, write its own runs",
    "ReadThreads": "read",
    "MarkThreads": "mark",
}
_ACCEPTED: Final = "aws:cdk:acknowledged-rules"


def render(assembly: Path) -> str:
    """Return the report on a synthesized assembly as Markdown."""
    deployment = Deployment.read(assembly)
    principals = [*deployment.functions(), *deployment.state_machines(), *deployment.named_roles()]
    return "".join(
        [
            _THREATS_HEAD,
            _table(
                ("Asset", "Who", "How", "What stops it", "What remains", "Shown by"),
                (
                    (
                        threat.asset,
                        threat.who,
                        threat.how,
                        threat.stopped_by,
                        threat.remains or "-",
                        "<br>".join(_code(test) for test in threat.tests),
                    )
                    for threat in THREATS
                ),
            ),
            _HEAD,
            "\n## At a glance\n\n",
            _table(("Who", "Operational tables", "Threads", "Besides"), map(_glance, principals)),
            *(_detail(principal) for principal in principals),
            _WILDCARDS_HEAD,
            *_wildcards(principals),
            _ACCEPTED_HEAD,
            _table(("Rule", "Where", "Why it is right here"), _accepted(assembly)),
        ]
    )


def _glance(principal: Principal) -> tuple[str, ...]:
    tables = sorted(
        resource.removeprefix("table ").rpartition("-")[2]
        for grant in principal.grants
        if grant.sid == "ReadOperations"
        for resource in grant.resources
        if resource.startswith("table ")
    )
    sids = [grant.sid for grant in principal.grants]
    threads = next((said for sid, said in _THREADS.items() if sid in sids), "-")
    counted = len(tables) if len(tables) > 10 else 0
    return (
        principal.name,
        f"all {counted}" if counted else ", ".join(tables) or "-",
        threads,
        ", ".join(_besides(principal.grants)) or "-",
    )


def _besides(grants: Iterable[Grant]) -> Iterator[str]:
    known = {
        "Publish": "notifies duty managers",
        "PutEvents": "puts events",
        "ReadDecisions": "reads decision records",
        "Send": "sends to the dead-letter queue",
        "SendAgain": "sends to intake again",
        "TakeDeadLetters": "takes dead letters",
        "Start": "starts executions",
        "DecideTasks": "ends a waiting task",
        "OpenTokens": "opens task tokens",
        "SealTokens": "seals task tokens",
        "WriteDecisions": "writes decision records",
        "WriteOutcomes": "adds outcomes",
        "Consult": "searches guidance",
    }
    for grant in grants:
        if grant.sid in known:
            yield known[grant.sid]
        elif "sqs:ReceiveMessage" in grant.actions:
            yield "receives disruptions"
        elif "lambda:InvokeFunction" in grant.actions:
            yield f"calls {len(grant.resources)} functions"


def _detail(principal: Principal) -> str:
    entry = f"`{principal.handler}`\n\n" if principal.handler else ""
    rows = [
        (
            "<br>".join(grant.actions),
            "<br>".join(_code(resource) for resource in grant.resources),
            _code(grant.condition),
        )
        for grant in sorted(principal.grants, key=lambda grant: (grant.actions, grant.resources))
    ]
    return f"\n## {principal.name}\n\n{entry}{_table(('Actions', 'Resources', 'Only with'), rows)}"


def _wildcards(principals: Iterable[Principal]) -> Iterator[str]:
    found: dict[tuple[tuple[str, ...], str], list[str]] = {}
    for principal in principals:
        for grant in principal.grants:
            for resource in grant.resources:
                if "*" in resource:
                    found.setdefault((grant.actions, resource), []).append(principal.name)
    for (actions, resource), names in sorted(found.items()):
        services = sorted({action.partition(":")[0] for action in actions})
        why = "; ".join(_REASONS[service] for service in services)
        who = "every function" if len(names) > 15 else ", ".join(names)
        yield f"| {'<br>'.join(actions)} | {_code(resource)} | {who} | {why} |\n"


def _accepted(assembly: Path) -> list[tuple[str, ...]]:
    found: dict[tuple[str, str], list[str]] = {}
    for path in sorted(assembly.glob("*.metadata.json")):
        for construct, entries in json.loads(path.read_text()).items():
            for entry in entries:
                if entry["type"] == _ACCEPTED:
                    for rule, reason in entry["data"].items():
                        place = construct.rpartition("/")[2] if construct.count("/") > 1 else construct
                        found.setdefault((rule.removeprefix("Annotation::"), reason), []).append(place)
    return [
        (_code(rule), ", ".join(sorted(places)), reason) for (rule, reason), places in sorted(found.items())
    ]


def _code(text: str) -> str:
    return f"`{text}`" if text else ""


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [f"| {' | '.join(heads)} |", f"|{'---|' * len(heads)}"]
    lines += [f"| {' | '.join(row)} |" for row in rows]
    return "\n".join(lines) + "\n"


def main() -> None:
    """Synthesize the stacks for AWS as they are by default, and write the report on them."""
    with tempfile.TemporaryDirectory() as folder:
        assembly = Path(folder) / "assembly"
        layers = stand_in_layers(Path(folder) / "layers")
        synthesize(assembly, {"layers_directory": str(layers)})
        REPORT.write_text(render(assembly))


if __name__ == "__main__":
    main()
