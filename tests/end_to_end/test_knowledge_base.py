"""The guidance as a knowledge base: written out, loaded, and found again by the real client."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from skymarshal.cli import main
from skymarshal.knowledge import BedrockKnowledgeBase, KnowledgeUnavailable, shipped_passages

pytestmark = pytest.mark.embedded_aws

MODEL = "arn:aws:bedrock:us-east-1::foundation-model/amazon.titan-embed-text-v2:0"
INDEX = "arn:aws:s3vectors:us-east-1:000000000000:bucket/guidance/index/passages"


def test_what_is_exported_is_found_again_with_its_source(system, tmp_path: Path) -> None:
    assert main(["knowledge", "export", str(tmp_path)]) == 0
    s3, bedrock = system.client("s3"), system.client("bedrock-agent")
    s3.create_bucket(Bucket="guidance")
    for file in tmp_path.iterdir():
        s3.put_object(Bucket="guidance", Key=file.name, Body=file.read_bytes())
    base = bedrock.create_knowledge_base(
        name="guidance",
        roleArn="arn:aws:iam::000000000000:role/guidance",
        knowledgeBaseConfiguration={
            "type": "VECTOR",
            "vectorKnowledgeBaseConfiguration": {"embeddingModelArn": MODEL},
        },
        storageConfiguration={"type": "S3_VECTORS", "s3VectorsConfiguration": {"indexArn": INDEX}},
    )["knowledgeBase"]["knowledgeBaseId"]
    source = bedrock.create_data_source(
        knowledgeBaseId=base,
        name="passages",
        dataSourceConfiguration={
            "type": "S3",
            "s3Configuration": {"bucketArn": "arn:aws:s3:::guidance"},
        },
    )["dataSource"]["dataSourceId"]
    which = {"knowledgeBaseId": base, "dataSourceId": source}
    which["ingestionJobId"] = bedrock.start_ingestion_job(**which)["ingestionJob"]["ingestionJobId"]

    def loaded() -> bool:
        return bedrock.get_ingestion_job(**which)["ingestionJob"]["status"] == "COMPLETE"

    system.wait("the passages to be loaded", loaded)
    statistics = bedrock.get_ingestion_job(**which)["ingestionJob"]["statistics"]
    assert statistics["numberOfNewDocumentsIndexed"] == len(shipped_passages()), json.dumps(statistics)

    client = system.client("bedrock-agent-runtime")
    first, *_ = BedrockKnowledgeBase(client, base).search("radiation fog lifts after sunrise", limit=2)
    assert (first.document, first.section) == ("Weather", "Fog")
    assert first.source.startswith("Regulation (EU) 965/2012")
    assert BedrockKnowledgeBase(client, base).search("sourdough", limit=2) == ()
    with pytest.raises(KnowledgeUnavailable, match="NOSUCHBASE"):
        BedrockKnowledgeBase(client, "NOSUCHBASE").search("fog", limit=2)
