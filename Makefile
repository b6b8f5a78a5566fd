# Everything needs no more than Python 3.11 or newer; what else there is to have comes into this folder.

PYTHON ?= $(shell for p in python3.11 python3.12 python3.13 python3.14 python3; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && echo $$p && break; done)
RUN = exec .venv/bin/python
PYTEST = $(RUN) -m pytest

.PHONY: setup layers synth demo scenarios test deployed-python check soak docs fuzz load chaos bench clean lock
.DEFAULT_GOAL := demo

setup: ## prepare the environments
	@test -n '$(PYTHON)' || { echo 'Python 3.11 or newer is needed, and none was found.' >&2; exit 1; }
	@exec $(PYTHON) -m local.environments

layers: setup ## build the Lambda layers for AWS; PLATFORM=x86_64 or host for another
	@$(RUN) -m layers.build --platform $(or $(PLATFORM),arm64)

synth: setup ## synthesize the stacks for AWS, without credentials and without a network
	@$(RUN) -m local.assembly --target aws

demo: setup ## a disruption, from the event to the decision, on an embedded AWS
	@$(RUN) -m local.demo

scenarios: setup ## the shipped disruptions
	@exec .venv/bin/skymarshal scenarios

test: setup ## all tests; ARGS="tests/unit -k curfew" for some
	@$(PYTEST) --numprocesses auto --dist loadfile $(ARGS)

deployed-python: setup ## the functions' tests on the interpreter that AWS runs them on, where Debian has it
	@$(RUN) -m local.deployed_python $(ARGS)

check: setup synth ## style, types, the direction of imports, the stacks' findings, the documents' links
	@.venv/bin/ruff check .
	@.venv/bin/ruff format --check .
	@.venv/bin/mypy -p skymarshal -p infra -p lambdas -p local -m layers.build
	@.venv/bin/lint-imports
	@$(PYTEST) --quiet --no-header tests/infra/test_nag.py
	@$(RUN) -m docs.check_links

soak: setup ## 1,000 disruptions of perturbed airlines, judged from outside, and 10,000 of the sample one
	@.venv/bin/python -m tests.judge.session
	@$(RUN) -m tests.unit.recovery.soak $(ARGS)

docs: setup ## make the documents that are made from the code
	@.venv/bin/python -m infra.security_report
	@.venv/bin/python -m docs.events
	@.venv/bin/python -m docs.openapi
	@.venv/bin/skymarshal rules document > docs/rules.md

fuzz: setup ## thousands of generated requests against the API on an embedded AWS
	@$(RUN) -m local.fuzz

load: setup ## 1, 10 and 50 disruptions at once on an embedded AWS
	@$(RUN) -m local.load

chaos: setup ## a process killed at every call of AWS of a run; ARGS="--only phase-initial" for some
	@$(RUN) -m local.chaos $(ARGS)

bench: setup ## measure what the README claims
	@$(RUN) -m bench

lock: setup ## recompile the pinned requirements
	@requirements/lock.sh

clean: ## remove everything that was made here
	rm -rf .venv .venv-aws .venv-lambda .cache .run build cdk.out .mypy_cache .ruff_cache .pytest_cache
