# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What can go wrong, what a person then sees, and what to do: the one table behind docs/faults.md and the tests of faults."""

from __future__ import annotations

import dataclasses
import re

NOTHING = "Nothing"


@dataclasses.dataclass(frozen=True)
class Row:
    """One row of docs/faults.md.

    ``sees`` begins with NOTHING where a fault that happens once is got over within the run. What stands in it between
    backquotes are the module's words; words in capitals stand for what varies. ``test`` proves the row: "file::test".
    """

    key: str
    happens: str
    sees: str
    do: str
    test: str

    @property
    def goes_on(self) -> bool:
        """Whether the run gets over the fault if it happens once."""
        return self.sees.startswith(NOTHING)

    def explains(self, message: str) -> bool:
        """Tell whether a module's message holds one of the row's sentences."""
        return any(_pattern(sentence).search(message) for sentence in re.findall(r"`([^`]+)`", self.sees))


def _pattern(sentence: str) -> re.Pattern[str]:
    """Return what matches a sentence whose words in capitals stand for what varies."""
    parts = re.split(r"\b(?:NAME|HOST|URL|REASON|NUMBER|WHO)\b", sentence)
    return re.compile(".+?".join(re.escape(part) for part in parts), re.DOTALL)


_LITELLM = "test_faults_litellm.py::test_every_fault_at_every_request"
_POSTGRES = "test_faults_postgres.py::test_every_fault_at_every_statement"
_BROKE = "`The connection to database NAME broke: REASON. Nothing was changed`"

LITELLM = (
    Row(
        "refused",
        "LiteLLM is down, or refuses connections",
        "`Failed to connect to LiteLLM at URL: REASON`",
        "Start it, or correct `litellm_url`; run again",
        "test_faults_litellm.py::test_litellm_is_down",
    ),
    Row(
        "request lost",
        "The connection breaks before a request arrives",
        "Nothing: a read or an update is sent again, a create or a delete after asking what became of it. If it lasts: "
        "`Failed to connect to LiteLLM at URL: REASON`",
        "If it lasts: look at the network between, and run again",
        _LITELLM,
    ),
    Row(
        "answer lost",
        "LiteLLM does the work, and its answer is lost",
        "Nothing: what was created is found by its id, so there is never a second one. If it lasts: "
        "`Failed to connect to LiteLLM at URL: REASON`",
        "If it lasts: look at the network between, and run again",
        _LITELLM,
    ),
    Row(
        "answer cut",
        "LiteLLM's answer breaks off in the middle",
        "For a write nothing: the run asks what became of it. For a read, or if it lasts: "
        "`LiteLLM at URL answered with something other than JSON` or `an answer that is not JSON`",
        "Run again; if it lasts, look at what stands between",
        _LITELLM,
    ),
    Row(
        "busy",
        "429 with `Retry-After`",
        "Nothing: the run waits as long as it is asked to, at most 30 seconds each time. If it lasts: `failed with HTTP 429`",
        "If it lasts: run again later, or raise LiteLLM's limits for the admin key",
        _LITELLM,
    ),
    Row(
        "500 not done",
        "LiteLLM answers 500 and has done nothing",
        "For a write nothing: the run asks what became of it. For a read, or if it lasts: `LiteLLM at URL failed with HTTP 500: REASON`",
        "Look into LiteLLM's log; run again",
        _LITELLM,
    ),
    Row(
        "500 although done",
        "LiteLLM answers 500 although it has done the work",
        "For a write nothing: the run asks what became of it. For a read, or if it lasts: `LiteLLM at URL failed with HTTP 500: REASON`",
        "Look into LiteLLM's log; run again",
        _LITELLM,
    ),
    Row(
        "502 not done",
        "A gateway's page (502, 503, 504), and LiteLLM never got the request",
        "Nothing: it is tried again. If it lasts: `LiteLLM at URL failed with HTTP 502: an answer that is not JSON`",
        "If it lasts: wait until LiteLLM's pods are up, and run again",
        _LITELLM,
    ),
    Row(
        "502 although done",
        "A gateway's page (502, 503, 504) although LiteLLM has done the work",
        "Nothing: the run asks what became of it. If it lasts: `LiteLLM at URL failed with HTTP 502: an answer that is not JSON`",
        "If it lasts: look at the gateway, and run again",
        _LITELLM,
    ),
    Row(
        "answer late",
        "LiteLLM does the work, and answers later than `timeout`",
        "Nothing: the run asks what became of it. If it lasts: `Request timeout after NUMBER seconds`",
        "If it lasts: raise `timeout`, and run again",
        _LITELLM,
    ),
    Row(
        "request late",
        "A request arrives after the run has stopped waiting for it",
        "Nothing: a create has its id, so that it can be done only once. If it lasts: `Request timeout after NUMBER seconds`",
        "Run again: what arrived too late is put right",
        _LITELLM,
    ),
    Row(
        "empty list",
        "LiteLLM answers 200 with an empty list, as 1.81 does while somebody edits a model",
        "Nothing: the list is read again. If it lasts, what is there is found by its id; nothing is taken for gone. Waiting ends with "
        "`saved in LiteLLM, but not served by it`",
        "If it lasts: restart LiteLLM's pods, and run again",
        _LITELLM,
    ),
    Row(
        "half list",
        "LiteLLM answers 200 with a part of its models",
        "Nothing: what is missing in the list is looked for by its id before it is created or taken for gone. If it lasts: "
        "`saved in LiteLLM, but not served by it`",
        "If it lasts: restart LiteLLM's pods, and run again",
        _LITELLM,
    ),
    Row(
        "stale list",
        "LiteLLM answers with an older list: another pod, which has not read its database yet",
        "Nothing: the run may compare with a stale value, or waits until its write is visible. If it lasts: "
        "`saved in LiteLLM, but not served by it`, or `it was deleted in LiteLLM during this run: run again`",
        "Run again when all pods have read the database (30 seconds): what was missed is done",
        _LITELLM,
    ),
)

POSTGRES = (
    Row(
        "database refused",
        "PostgreSQL is down, or refuses connections",
        "`Cannot connect to database NAME: REASON`",
        "Start it, or correct `database_url`; run again",
        "test_faults_postgres.py::test_postgres_refuses_connections",
    ),
    Row(
        "statement lost",
        "The connection to PostgreSQL breaks before a statement arrives, COMMIT included",
        f"Nothing: the whole run is repeated, at most twice. If it lasts: {_BROKE}",
        "If it lasts: look at the network between, and run again",
        _POSTGRES,
    ),
    Row(
        "statement's answer lost",
        "PostgreSQL carries a statement out, and its answer is lost, COMMIT's included",
        "Nothing: the whole run is repeated; after COMMIT the server is asked whether it kept the changes, and the report says what "
        f"was done. If it lasts: {_BROKE} or `broke while the changes were being committed: they are there as a whole or not at all. "
        "Run again: it does what is missing`",
        "If it lasts: look at the network between, and run again",
        _POSTGRES,
    ),
    Row(
        "statement's answer cut",
        "The connection to PostgreSQL breaks in the middle of an answer",
        f"Nothing, as above. If it lasts: {_BROKE} or `broke while the changes were being committed: they are there as a whole or not "
        "at all. Run again: it does what is missing`",
        "If it lasts: look at the network between, and run again",
        _POSTGRES,
    ),
    Row(
        "slow database",
        "PostgreSQL answers late",
        "Nothing: the run waits",
        "If it never answers: a statement ends when the server's `statement_timeout` says so, a dead machine is noticed after a minute",
        _POSTGRES,
    ),
    Row(
        "terminated",
        "PostgreSQL restarts, fails over, or an administrator ends the connection",
        f"Nothing: the whole run is repeated. If it lasts: {_BROKE}, or `Cannot connect to database NAME: REASON`",
        "If it lasts: wait until the database is up, and run again",
        _POSTGRES,
    ),
    Row(
        "deadlock",
        "PostgreSQL ends the transaction because of a deadlock",
        "Nothing: the whole run is repeated. If it lasts: `Another transaction was in the way (REASON). Nothing was changed. Run again`",
        "If it lasts: find who else writes these tables all the time",
        _POSTGRES,
    ),
    Row(
        "serialization failure",
        "PostgreSQL ends the transaction because it could not be serialized",
        "Nothing: the whole run is repeated. If it lasts: `Another transaction was in the way (REASON). Nothing was changed. Run again`",
        "If it lasts: find who else writes these tables all the time",
        _POSTGRES,
    ),
    Row(
        "statement timeout",
        "A statement takes longer than the server allows",
        "`PostgreSQL refused: REASON. Nothing was changed. It took longer than the server allows (statement_timeout)`",
        "Run again when the server has less to do, or raise `statement_timeout` for this user",
        _POSTGRES,
    ),
    Row(
        "disk full",
        "PostgreSQL cannot write: the disk is full",
        "`PostgreSQL refused: REASON. Nothing was changed`",
        "Make room, and run again",
        _POSTGRES,
    ),
)

RUNS = (
    Row(
        "killed",
        "A run is killed (kill -9, a cancelled job, a lost pod) while it is at the database",
        "Nothing is half written: what was not committed is gone, and the lock is free within a moment",
        "Run again",
        "test_faults_kill.py::test_a_kill_at_every_statement",
    ),
    Row(
        "killed at LiteLLM",
        "A run is killed while it is at LiteLLM",
        "Each model is as it was or as it is wanted. One exception: a value that LiteLLM can only clear by delete and create; killed "
        "between the two, the model is away until the next run, and a sync or a cleanup that comes first takes it for gone",
        "Run `litellm_model` again with the same list, before a sync or a cleanup: it makes the model anew under the same id",
        "test_faults_kill.py::test_a_kill_at_every_request",
    ),
    Row(
        "machine away",
        "The machine of a run is gone, without a word to PostgreSQL",
        "Others that wait for the lock may be told `Another run is writing LiteMaaS's models (process NUMBER, WHO). Nothing was changed`",
        "Run again after a minute: by then PostgreSQL has noticed and given the lock free",
        "test_database_connection.py::test_a_machine_that_is_gone_is_noticed",
    ),
    Row(
        "delete and create",
        "A value is cleared by delete and create, and the create fails",
        "`it was deleted to be created anew, but the create failed (REASON). Run again to create it from the entry`",
        "Run again before a sync or a cleanup",
        "test_litellm_model.py::test_a_create_that_fails_after_the_delete_is_said_and_healed",
    ),
    Row(
        "doubt",
        "A write at LiteLLM gets no clear answer, and neither does the question what became of it",
        "`It may still have been done: run again`",
        "Run again: what is done already is found, what is missing is done",
        _LITELLM,
    ),
    Row(
        "breaker",
        "LiteLLM fails five times in a row",
        "`LiteLLM failed 5 times in a row: no further request is made for 30 seconds`",
        "Look into LiteLLM's log, and run again",
        "test_faults_writes.py::test_the_breaker_ends_a_run_and_the_next_one_makes_no_second_one",
    ),
    Row(
        "unknown provider",
        "LiteLLM says 200 and does not take the model: its provider is unknown",
        "`LiteLLM knows no provider`, before anything is written; `saved in LiteLLM, but not served by it: its provider may be unknown to "
        "LiteLLM` where it does not tell. The old values are put back then, unless a secret changed too",
        "Correct `litellm_model`, and run again",
        "test_litellm_model.py::test_an_update_that_is_saved_and_not_served_is_said",
    ),
    Row(
        "other pod",
        "The pod that answers has not read yet what another pod wrote (it does so every 30 seconds)",
        "Nothing: the run waits for it, and makes nothing twice",
        "If it takes longer than `wait_timeout`, run again",
        "test_litellm_pods.py::test_what_the_other_pod_wrote_is_waited_for_and_not_made_twice",
    ),
)

OTHERS = (
    Row(
        "two runs",
        "Two runs at once",
        "Nothing: the second waits for the first. After `lock_timeout`: `Another run is writing LiteMaaS's models (process NUMBER, WHO). "
        "Nothing was changed. Wait for it to end, or raise lock_timeout`",
        "Wait for the other run, or see whose process it is",
        "test_concurrency.py::test_two_runs_at_once_are_one_after_the_other",
    ),
    Row(
        "two runs at LiteLLM",
        "Two runs make the same models in LiteLLM at once",
        "Nothing: each model is there once, because both give it the same id",
        "",
        "test_concurrency.py::test_two_runs_of_litellm_model_make_each_model_once",
    ),
    Row(
        "rows held",
        "Somebody else's transaction holds rows for longer than `lock_timeout`",
        "`Another transaction holds rows that this run needs (REASON). Nothing was changed. Run again`",
        "Run again; if it happens often, raise `lock_timeout`",
        "test_database_connection.py::test_rows_that_somebody_else_has_locked",
    ),
    Row(
        "real deadlock",
        "Somebody else's transaction and ours wait for each other",
        "Nothing: the whole run is repeated, and what the other one wrote stays",
        "",
        "test_concurrency.py::test_a_real_deadlock_is_got_over",
    ),
    Row(
        "subscriber",
        "Somebody subscribes to a model while it is being removed",
        "`NAME: somebody subscribed to it in the meantime. Run again`, or, if the model is gone already, the portal says so to that person",
        "Run again: the model is then treated as one that people use",
        "test_concurrency.py::test_a_subscription_that_comes_at_any_moment_is_not_lost",
    ),
    Row(
        "row added",
        "Somebody adds a row for the same model at the same time",
        "`NAME: it was added by somebody else in the meantime. Run again`",
        "Run again",
        "test_database_sync.py::test_conflicting_rows_of_somebody_else",
    ),
    Row(
        "pooler",
        "pgbouncer in transaction mode stands before PostgreSQL, and its connection breaks",
        "Nothing: the whole run is repeated",
        "",
        "test_pgbouncer.py::test_a_pooled_connection_that_breaks",
    ),
    Row(
        "does not fit",
        "One model has a value that does not fit its column",
        "`Model validation failed for NAME: REASON`; the other models are done, and the task fails at its end with the whole result",
        "Correct that model, and run again",
        "test_playbook_bad_input.py::test_one_that_the_proxy_refuses_and_one_that_does_not_fit",
    ),
    Row(
        "one refused",
        "LiteLLM refuses one model",
        "`LiteLLM refused the request with HTTP NUMBER: REASON`; the other models are done, and the task fails at its end with the whole "
        "result",
        "Correct that model, and run again",
        "test_playbook_bad_input.py::test_one_that_the_proxy_refuses_and_one_that_does_not_fit",
    ),
)

# What speaks against the answer that a removal would rest on; the key is the reason's code. Additions and updates go through.
DOUBTS = (
    Row(
        "not_ready",
        "LiteLLM says that it is not ready",
        "`LiteLLM is not ready: REASON`",
        "Wait for its pods, and run again",
        "test_proof.py::test_a_database_that_goes_away_on_the_way",
    ),
    Row(
        "database_away",
        "LiteLLM has lost its own database",
        "`LiteLLM cannot read its own database: REASON` or `LiteLLM's own database is not connected (it says: REASON)`",
        "Bring it back, and run again",
        "test_proof.py::test_a_database_that_goes_away_on_the_way",
    ),
    Row(
        "store_off",
        "LiteLLM runs without `STORE_MODEL_IN_DB`, so it serves none of the models that it has saved",
        "`LiteLLM does not use the models of its database (STORE_MODEL_IN_DB is not True)`",
        "Set it, or give `litellm_database_url`",
        "test_proof.py::test_a_proxy_that_does_not_use_the_models_of_its_database",
    ),
    Row(
        "not_admin",
        "The key is not an administrator's, or is restricted",
        "`the API key REASON, so it may not see all models: use LiteLLM's master key`",
        "Use the master key",
        "test_proof.py::test_only_an_administrator_sees_all",
    ),
    Row(
        "key_unknown",
        "What the key may see cannot be found out",
        "`what the API key may see cannot be read: REASON` or `LiteLLM's settings cannot be read: REASON`",
        "Look at the reason, and run again",
        "test_proof.py::test_a_database_that_goes_away_on_the_way",
    ),
    Row(
        "empty",
        "LiteLLM answers that it has no model, four times",
        "`LiteLLM answers that it has no model at all: is litellm_url the right proxy, and does it still have its database?`",
        "Look whether it is true. If it is, set `allow_empty: true`. A sync that retires nothing only warns",
        "test_proof.py::test_an_empty_litellm_is_a_failure_whatever_the_rows_have",
    ),
    Row(
        "not_loaded",
        "A cold pod, which has read neither its config nor its database",
        "`LiteLLM has not loaded its models yet: wait until it has, and run again`",
        "Wait, and run again",
        "test_proof.py::test_a_proxy_that_has_loaded_nothing",
    ),
    Row(
        "empty_but_saved",
        "LiteLLM answers that it has no model, but its table has some",
        "`LiteLLM answers that it has no model, but its table has NAME`",
        "Restart LiteLLM; look into its log for a wrong salt key",
        "test_proof.py::test_an_empty_list_is_not_the_truth",
    ),
    Row(
        "partial",
        "LiteLLM counts more models than it gives",
        "`LiteLLM gave NUMBER of NUMBER` models",
        "Run again",
        "test_proof.py::test_half_of_a_list",
    ),
    Row(
        "wrong_answer",
        "A gateway in front of LiteLLM does not hand on the query, or answers with what it has kept (LiteLLM 1.100 tells)",
        "`a gateway in front of LiteLLM at URL does not pass the query on, or answers from a cache`",
        "Name LiteLLM itself in `litellm_url`, or let the gateway hand on the query and cache nothing",
        "test_gateways.py::test_the_info_says_that_a_list_is_not_the_truth",
    ),
    Row(
        "cached",
        "A cache in front of LiteLLM answers in its place, and says so (`Age`, `X-Cache`)",
        "`an answer came from a cache in front of LiteLLM (REASON), so it may be outdated`",
        "Let nothing cache LiteLLM's API, or name LiteLLM itself in `litellm_url`",
        "test_gateways.py::test_the_info_says_that_a_list_is_not_the_truth",
    ),
    Row(
        "disagreeing",
        "Two pods give different lists, or somebody changes models just now",
        "`two reads of LiteLLM's models differ: NAME. Run again in a minute`",
        "Run again in a minute",
        "test_proof.py::test_lists_that_differ",
    ),
    Row(
        "unreadable",
        "The list can be read once and not again",
        "`LiteLLM's models cannot be read a second time: REASON`",
        "Look at the reason, and run again",
        "test_proof.py::test_a_database_that_goes_away_on_the_way",
    ),
    Row(
        "lookup_failed",
        "LiteLLM cannot say of a single model whether it has it",
        "`LiteLLM cannot look up single models: REASON`",
        "Look at the reason, or give `litellm_database_url`",
        "test_proof.py::test_the_verdict_rests_on_what_can_be_read",
    ),
    Row(
        "witness_away",
        "LiteLLM's own table cannot be read: address, password, right, or the table is not there",
        "`LiteLLM's own table of models cannot be read: REASON`",
        "The reason says what; until then nothing is removed",
        "test_proof.py::test_a_witness_that_is_away_holds_up_removals_only",
    ),
    Row(
        "witness_foreign",
        "`litellm_database_url` names another LiteLLM's database",
        "`none of the models that LiteLLM serves from its database is in the table of litellm_database_url`",
        "Correct it",
        "test_proof.py::test_the_table_of_another_litellm",
    ),
    Row(
        "witness_behind",
        "The table is an old copy, or a pod still serves what was deleted",
        "`LiteLLM serves NAME, and the table of litellm_database_url does not have it`",
        "Run again in a minute; restart the pod that serves it",
        "test_proof.py::test_a_pod_that_serves_what_was_deleted",
    ),
)

CLUSTER = (
    Row(
        "mixed",
        "LiteLLM or the database is given (perhaps by a forgotten variable), the rest is looked for in a namespace, and nothing says that "
        "both are of one installation",
        "`litellm_url is URL, which is not known as an address of the LiteLLM that the backend there uses` or "
        "`and the database NAME that was given is not known as that of the backend there`. Nothing is read or written",
        "Leave out what is given; or give all of the address, the key and the database, and nothing is looked for",
        "test_namespace.py::test_a_database_of_another_installation",
    ),
    Row(
        "cluster down",
        "The cluster's API is down, or does not answer",
        "`Failed to connect to the cluster at URL: REASON`",
        "Check the address and the way there; run again",
        "test_cluster_access.py::test_nobody_answers",
    ),
    Row(
        "cluster token",
        "The token for the cluster is wrong, or has expired",
        "`The cluster at URL does not accept the credentials (HTTP 401)`",
        "Sign in again (`oc login`), or correct the credential; run again",
        "test_cluster_access.py::test_a_wrong_token",
    ),
    Row(
        "cluster program",
        "The program that a kubeconfig names for signing in fails",
        "`The credentials for the cluster cannot be used: the program that the kubeconfig names gives none (REASON)`",
        "Run that program by hand, sign in again; run again",
        "test_cluster_access.py::test_a_program_that_has_no_token",
    ),
    Row(
        "cluster right",
        "A right in the namespace is missing",
        "`The user NAME may not NAME in namespace NAME (HTTP 403)`",
        "Give the user the Role of `examples/rbac.yml`; run again",
        "test_cluster_access.py::test_the_missing_right",
    ),
    Row(
        "dead end",
        "What is not given cannot be found in the namespace",
        "`Cannot find NAME in namespace NAME: REASON. To skip the search, give NAME`",
        "As the reason says; or give that option",
        "test_namespace.py::test_a_dead_end_changes_nothing",
    ),
    Row(
        "pod replaced",
        "The pod of the database is ended and replaced during a run",
        "Nothing: the whole run is repeated with the new pod, for which it waits up to a minute. If it lasts: "
        f"{_BROKE}, or `has no pod that is ready`",
        "If it lasts: wait until the pod is up, and run again",
        "test_namespace.py::test_a_pod_that_is_replaced_during_a_run",
    ),
    Row(
        "pod deaf",
        "The pod of the database runs, and nobody listens in it",
        "`Cannot connect to database NAME: REASON (the port-forward says: REASON)`",
        "Look into the pod's log, and run again",
        "test_namespace.py::test_a_database_pod_where_nobody_listens",
    ),
    Row(
        "tunnel ended",
        "A run is ended by a signal (a cancelled job, Ctrl-C) while it waits for PostgreSQL in the cluster",
        "The module ends at once. No connection, no lock and no file stays behind",
        "Run again",
        "test_tunnel.py::test_what_is_left_after_a_signal",
    ),
    Row(
        "tunnel killed",
        "The same with `kill -9`",
        "The same, but for a folder `litemaas-...` in the folder for temporary files: the socket in it leads nowhere",
        "Remove that folder if you like; run again",
        "test_tunnel.py::test_what_is_left_after_a_signal",
    ),
)

SECTIONS = {
    "LiteLLM": LITELLM,
    "Refused: LiteLLM's answer may not be the whole truth": DOUBTS,
    "PostgreSQL": POSTGRES,
    "The cluster": CLUSTER,
    "The run itself": RUNS,
    "Others at the same time": OTHERS,
}


def page_tables() -> str:
    """Return the sections of docs/faults.md."""
    return "\n".join(_table(title, rows) for title, rows in SECTIONS.items())


def _table(title: str, rows: tuple[Row, ...]) -> str:
    lines = [f"| {row.happens} | {row.sees} | {row.do or 'Nothing'} |" for row in rows]
    return "\n".join([f"## {title}", "", "| What happens | What you see | What to do |", "| --- | --- | --- |", *lines, ""])


def row(key: str) -> Row:
    """Return the row of a key."""
    return next(row for rows in SECTIONS.values() for row in rows if row.key == key)
