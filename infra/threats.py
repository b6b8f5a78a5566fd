"""The threat model: what is worth harming, by whom, what stops them, and the tests that show that it does."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

__all__ = ["THREATS", "Threat"]


@dataclass(frozen=True, slots=True, kw_only=True)
class Threat:
    """One way to do harm.

    Attributes:
        asset: What is harmed.
        who: Who would do it.
        how: How they would go about it.
        stopped_by: What stands in the way.
        remains: What they can still do; empty for nothing that is known.
        tests: Tests that show it, as `file::function` under `tests/`.
    """

    asset: str
    who: str
    how: str
    stopped_by: str
    tests: tuple[str, ...]
    remains: str = ""


THREATS: Final = (
    Threat(
        asset="Decision",
        who="Anybody on the internet",
        how="Calls the API without a token, with a forged one or with one of another pool or client",
        stopped_by="A JWT authorizer of the pool and its one client on every route but health",
        tests=(
            "infra/test_stacks_api.py::test_every_route_but_health_asks_for_a_token",
            "infra/test_stacks_api.py::test_tokens_come_from_the_user_pool_for_this_client",
            "end_to_end/test_tokens.py::test_an_operation_is_closed_to_every_unfit_token_and_open_to_a_fit_one",
        ),
    ),
    Threat(
        asset="Decision",
        who="A user who may only read, or who is in no group",
        how="Decides, resumes or tells an outcome; names itself somebody else; invents a group",
        stopped_by="Groups are read from the token as Cognito writes them, and who decides is its verified "
        "address",
        tests=(
            "api/test_api.py::test_who_may_not_decide_is_refused",
            "api/test_api.py::test_who_is_in_no_group_that_reads_sees_nothing",
            "api/test_api.py::test_who_decides_is_known_from_the_token_and_never_from_the_body",
            "api/test_api.py::test_groups_are_read_as_api_gateway_writes_them_and_no_name_makes_two",
        ),
    ),
    Threat(
        asset="Decision",
        who="Two duty managers at once, or one who repeats",
        how="Decides twice, or after time has run out",
        stopped_by="The first decision wins, by a condition on the thread's item",
        tests=(
            "end_to_end/test_disruptions.py::test_only_a_duty_manager_decides_and_only_once",
            "end_to_end/test_simultaneous.py::test_of_decisions_at_once_one_is_taken_and_the_others_are_told",
        ),
    ),
    Threat(
        asset="Decision",
        who="Code that runs in an agent's function",
        how="Writes another agent's assessment, a thread's status or head, a checkpoint, a decision or its "
        "record",
        stopped_by="Its role writes only attributes that bear its agent's name or belong to a claim, and no "
        "record",
        remains="It can take, fail or overwrite another agent's claim, or stored content: the thread "
        "then runs again, goes to manual review or stops, visibly. It can read what others found.",
        tests=(
            "infra/test_access.py::test_no_agent_can_write_what_another_found_or_what_was_decided",
            "infra/test_access.py::test_no_agent_reaches_a_decision_record",
            "store/test_agent_runs.py::test_what_an_agent_may_write_completes_no_run_of_another",
        ),
    ),
    Threat(
        asset="Decision",
        who="A source of events",
        how="Sends text, JSON or numbers that hang, crash or mislead the agents",
        stopped_by="Every field is bounded where it comes in, and a wrong one is refused by its name",
        tests=(
            "unit/intake/test_events.py::test_a_wrong_field_is_named_with_what_would_be_right",
            "end_to_end/test_disruptions.py::test_a_refused_event_lies_on_the_dead_letter_queue_with_its_reason",
        ),
    ),
    Threat(
        asset="Decision",
        who="A language model, or text that instructs it",
        how="Words a figure, a verdict or an option that was not computed",
        stopped_by="What the model writes is checked against the facts, and else the template is shown",
        tests=(
            "unit/narration/test_narration.py::test_text_from_outside_cannot_leave_its_fence",
            "unit/narration/test_narration.py::test_a_model_that_is_down_leaves_the_template",
        ),
    ),
    Threat(
        asset="Decision",
        who="A function of the deployment",
        how="Puts an event on the bus as if the airline had",
        stopped_by="Each role puts events of one source, and only the API's intake that of the airline",
        tests=("infra/test_roles.py::test_a_function_can_pass_off_no_event_as_one_of_the_airline",),
    ),
    Threat(
        asset="Task token",
        who="Who reads the checkpoint table or its backups",
        how="Wakes an execution with a token that is kept there",
        stopped_by="Tokens are sealed by the key for their thread alone; who asks seals, who decides opens",
        tests=(
            "infra/test_roles.py::test_who_asks_seals_task_tokens_and_only_who_decides_opens_them",
            "unit/orchestration/test_notices.py::"
            "test_the_token_is_nowhere_in_the_store_and_wakes_the_flow_all_the_same",
            "unit/orchestration/test_notices.py::test_a_token_cannot_be_passed_off_as_another_threads",
        ),
    ),
    Threat(
        asset="Record",
        who="Who may write to the store",
        how="Alters a checkpoint, an assessment or a payload after the fact",
        stopped_by="Content is addressed by its digest, checkpoints are chained: `skymarshal verify` tells",
        remains="Who may write everything, as an administrator of the account, can write a whole consistent "
        "history.",
        tests=(
            "store/test_large_values.py::test_an_altered_item_is_refused_by_name",
            "store/test_large_values.py::test_an_assessment_that_was_altered_or_lost_is_found",
        ),
    ),
    Threat(
        asset="Record",
        who="A function, or an operator",
        how="Deletes threads, payloads or records",
        stopped_by="No role may delete; the bucket keeps versions, the table restores to any second",
        tests=(
            "infra/test_roles.py::test_nothing_may_scan_or_delete",
            "infra/test_operators.py::test_operators_decide_nothing_and_delete_nothing",
        ),
    ),
    Threat(
        asset="Passengers, crew",
        who="A function that was broken into",
        how="Reads operational tables that its task does not need",
        stopped_by="Each role reads the tables of its task by key and index, and scans none",
        tests=(
            "infra/test_roles.py::test_a_function_reaches_what_it_needs_and_nothing_else",
            "infra/test_access.py::test_no_role_is_granted_an_action_that_it_never_uses",
        ),
    ),
    Threat(
        asset="Passengers, crew",
        who="Who listens on the network or holds a disk",
        how="Reads data on its way or at rest",
        stopped_by="TLS alone is taken by bucket, queues and topics; the customer key encrypts the store, "
        "logs and operational tables too where that is chosen",
        tests=(
            "infra/test_access.py::test_nothing_is_taken_without_encryption_on_the_way",
            "infra/test_stacks_settings.py::"
            "test_logs_and_tables_are_encrypted_by_the_customer_key_where_that_is_chosen",
        ),
    ),
    Threat(
        asset="Service",
        who="Another AWS account",
        how="Has a service deliver to a queue, topic, key or function here in this account's name",
        stopped_by="Every grant to a service names the source or the account",
        tests=("infra/test_access.py::test_no_service_may_deliver_on_behalf_of_another_account",),
    ),
    Threat(
        asset="Service",
        who="Nobody: a fault of ours",
        how="An alarm, a rule or a queue is not allowed to deliver, and nobody hears of it",
        stopped_by="Every delivery and every recorded call is held against the policies, each of which is "
        "forgotten in turn",
        tests=(
            "infra/test_access.py::test_every_service_may_deliver_what_the_templates_have_it_deliver",
            "infra/test_access.py::test_a_gap_of_any_kind_is_noticed",
            "end_to_end/test_alarms.py::test_every_alarm_fires_and_says_what_happened_and_what_to_do",
        ),
    ),
    Threat(
        asset="Service",
        who="Anybody with a token, or a burst of events",
        how="Takes all capacity, so that no decision can be taken",
        stopped_by="The API is throttled, intake is bounded, and who decides has capacity of its own",
        tests=(
            "infra/test_stacks_api.py::test_requests_are_throttled_and_logged",
            "infra/test_stacks_workflow.py::test_agents_cannot_starve_what_ends_a_thread",
        ),
    ),
)
