"""A knowledge base of Amazon Bedrock, asked with `Retrieve`."""

from __future__ import annotations

from pathlib import PurePosixPath
from typing import TYPE_CHECKING

from botocore.exceptions import BotoCoreError, ClientError

from skymarshal.domain.arbitration import Citation
from skymarshal.knowledge.retrieval import KnowledgeUnavailable

if TYPE_CHECKING:
    from collections.abc import Mapping
    from typing import Any

    from mypy_boto3_bedrock_agent_runtime import AgentsforBedrockRuntimeClient
    from mypy_boto3_bedrock_agent_runtime.type_defs import KnowledgeBaseRetrievalResultTypeDef

__all__ = ["BedrockKnowledgeBase"]


class BedrockKnowledgeBase:
    """Searches one knowledge base.

    A result is cited by the metadata `document`, `section` and `source` that its file was loaded with; one
    that has none is cited by the name of its file.
    """

    def __init__(self, client: AgentsforBedrockRuntimeClient, knowledge_base_id: str) -> None:
        self._client = client
        self._knowledge_base_id = knowledge_base_id

    @property
    def name(self) -> str:
        """The knowledge base by its id."""
        return f"knowledge base {self._knowledge_base_id}"

    def search(self, query: str, *, limit: int) -> tuple[Citation, ...]:
        """Return what the knowledge base finds nearest to `query`.

        Raises:
            KnowledgeUnavailable: Bedrock refused, did not answer in time, or answered something else.
        """
        try:
            answer = self._client.retrieve(
                knowledgeBaseId=self._knowledge_base_id,
                retrievalQuery={"text": query},
                retrievalConfiguration={"vectorSearchConfiguration": {"numberOfResults": limit}},
            )
        except (ClientError, BotoCoreError) as error:
            raise KnowledgeUnavailable(f"{self.name}: {error}") from error
        if "retrievalResults" not in answer:
            raise KnowledgeUnavailable(f"{self.name}: the answer holds no retrievalResults")
        found = [_citation(result) for result in answer["retrievalResults"]]
        return tuple(sorted((one for one in found if one.text), key=lambda one: -one.score))


def _citation(result: KnowledgeBaseRetrievalResultTypeDef) -> Citation:
    metadata: Mapping[str, Any] = result.get("metadata", {})
    uri = result.get("location", {}).get("s3Location", {}).get("uri", "")
    return Citation(
        document=str(metadata.get("document") or PurePosixPath(uri).name or "unnamed document"),
        section=str(metadata.get("section") or "unnamed section"),
        source=str(metadata.get("source") or uri),
        text=" ".join(result["content"].get("text", "").split()),
        score=round(float(result.get("score", 0.0)), 2),
    )
