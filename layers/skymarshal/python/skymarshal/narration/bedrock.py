"""A language model on Amazon Bedrock, through the Converse API."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from botocore.exceptions import BotoCoreError, ClientError

from skymarshal.narration.narrator import ModelUnavailable

if TYPE_CHECKING:
    from mypy_boto3_bedrock_runtime import BedrockRuntimeClient

__all__ = ["BedrockModel"]

_LONGEST_ANSWER_TOKENS: Final = 400


class BedrockModel:
    """Writes with one model of Amazon Bedrock, at temperature 0."""

    def __init__(self, client: BedrockRuntimeClient, model_id: str) -> None:
        self._client = client
        self._model_id = model_id

    @property
    def model_id(self) -> str:
        """The model's id or inference profile."""
        return self._model_id

    def write(self, instructions: str, content: str) -> str:
        """Return the model's text.

        Raises:
            ModelUnavailable: Bedrock refused or gave no text.
        """
        try:
            answer = self._client.converse(
                modelId=self._model_id,
                system=[{"text": instructions}],
                messages=[{"role": "user", "content": [{"text": content}]}],
                inferenceConfig={"maxTokens": _LONGEST_ANSWER_TOKENS, "temperature": 0.0},
            )
        except (ClientError, BotoCoreError) as error:
            raise ModelUnavailable(f"{self._model_id}: {error}") from error
        parts = answer["output"]["message"]["content"]
        text = "".join(part.get("text", "") for part in parts)
        if not text:
            raise ModelUnavailable(f"{self._model_id}: the answer holds no text")
        return text
