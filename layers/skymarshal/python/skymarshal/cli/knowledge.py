"""`skymarshal knowledge`: the guidance that decisions cite, searched by hand or written out for Bedrock."""

from __future__ import annotations

import argparse
import json
import re
from pathlib import Path
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from skymarshal.knowledge import Passage

    _Subparsers = argparse._SubParsersAction[argparse.ArgumentParser]

__all__ = ["add_knowledge_commands"]

_SHOWN: Final = 5


def add_knowledge_commands(subparsers: _Subparsers) -> None:
    """Add `knowledge search` and `knowledge export` to the command line."""
    knowledge = subparsers.add_parser("knowledge", help="search the guidance, or write it out for Bedrock")
    commands = knowledge.add_subparsers(dest="knowledge_command", required=True)
    search = commands.add_parser("search", help="show what the shipped corpus says on a question")
    search.add_argument("question")
    search.add_argument("--limit", type=int, default=_SHOWN, help=f"default: {_SHOWN}")
    search.set_defaults(run=_search)
    export = commands.add_parser(
        "export",
        help="write each passage as a file with its metadata, as a Bedrock knowledge base loads them",
        epilog="Then: aws s3 sync FOLDER s3://$GuidanceBucketName, and aws bedrock-agent start-ingestion-job"
        " with KnowledgeBaseId and DataSourceId, all three outputs of the stack SkyMarshalKnowledge.",
    )
    export.add_argument("folder", type=Path)
    export.set_defaults(run=_export)


def _search(chosen: argparse.Namespace) -> int:
    from skymarshal.knowledge import EmbeddedKnowledge

    for one in EmbeddedKnowledge().search(chosen.question, limit=chosen.limit):
        print(f"{one.score:6.2f}  {one.document}: {one.section}")
        print(f"        {one.text}\n        Source: {one.source}")
    return 0


def _export(chosen: argparse.Namespace) -> int:
    from skymarshal.knowledge import shipped_passages

    chosen.folder.mkdir(parents=True, exist_ok=True)
    for passage in shipped_passages():
        path = chosen.folder / f"{_file_name(passage)}.txt"
        path.write_text(f"{passage.document}: {passage.section}\n\n{passage.text}\n", encoding="utf-8")
        attributes = {
            "document": passage.document,
            "section": passage.section,
            "source": passage.source,
        }
        metadata = path.with_name(f"{path.name}.metadata.json")
        metadata.write_text(json.dumps({"metadataAttributes": attributes}), encoding="utf-8")
    print(f"{len(shipped_passages())} passages in {chosen.folder}")
    return 0


def _file_name(passage: Passage) -> str:
    return re.sub(r"[^a-z0-9]+", "-", f"{passage.document} {passage.section}".lower()).strip("-")
