"""Entry point of the CDK CLI."""

from infra.application import build_app

build_app().synth()
