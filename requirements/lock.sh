#!/usr/bin/env bash
# Recompiles every requirements.txt from its requirements.in. Layers follow the versions that are developed with.
set -euo pipefail
cd "$(dirname "$0")/.."

compile() {
    echo "$1"
    .venv/bin/uv pip compile --quiet --python-version 3.11 --universal --generate-hashes --no-header "$@"
}

for name in uv dev embedded-aws lambda-runtime; do
    compile "requirements/$name.in" --output-file "requirements/$name.txt"
done
for layer in dependencies arbitration reports; do
    compile "layers/$layer/requirements.in" --constraint requirements/dev.txt \
        --output-file "layers/$layer/requirements.txt"
done
