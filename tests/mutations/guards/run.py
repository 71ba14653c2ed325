# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of a module's run: input, progress, notification."""

from __future__ import annotations

from tests.mutations.mutants import condition, expression, in_file, part
from tests.mutations.suites import CLEANUP, NAMESPACE, NOTIFICATION, NOTIFY, RUN, TOLD_ONCE, TUNNEL, WHOSE_WITNESS, of

GUARDS = [
    *in_file(
        "module_utils/_run/context.py",
        condition(
            "Ansible does not hide numbers and parts of names",
            "not text.isdigit() and not self.redactor.is_kept(text)",
            of(RUN, "what_a_result_shows"),
            numbers="not self.redactor.is_kept(text)",
            names="not text.isdigit()",
        ),
        part("names of the list stay readable", "self.redactor.keep(names_of_models(entries))", of(RUN, "what_a_result_shows")),
    ),
    *in_file(
        "module_utils/_run/endpoints.py",
        part(
            "what a variable of libpq gives is not looked for",
            "any(environment.get(name) for name in PG_VARIABLES)",
            of(NAMESPACE, "a_database_that_is_given"),
            removed="False",
        ),
        condition(
            "a database that is given is not looked for",
            "url.origin.kind is not Kind.MISSING",
            of(NAMESPACE, "a_database_that_is_given"),
        ),
        condition(
            "an empty option of the witness says that there is none",
            "value is None or option not in EMPTY_IS_NONE",
            of(WHOSE_WITNESS, "who_is_the_witness"),
            removed="True",
        ),
    ),
    *in_file(
        "module_utils/_run/module.py",
        condition(
            "options that are refused are shown without secrets",
            '"invocation" not in details',
            of(RUN, "options_that_are_refused_are_shown_without_secrets"),
        ),
    ),
    *in_file(
        "module_utils/_run/notify.py",
        part(
            "no redirect is followed to a receiver", "allow_redirects=False", of(NOTIFICATION, "answers"), inverted="allow_redirects=True"
        ),
        part(
            "a receiver gets no credentials but its own",
            "session.auth = _authentication(self._url)",
            of(NOTIFICATION, "no_netrc_entry_and_no_key_reaches_a_receiver"),
            inverted='session.headers["Authorization"] = "Bearer demo-admin-key-not-real"',
        ),
        condition(
            "a receiver's own credentials",
            "parts.username or parts.password",
            of(NOTIFICATION, "no_netrc_entry_and_no_key_reaches_a_receiver"),
        ),
        expression(
            "a warning names only the origin of a receiver",
            "origin(url)",
            of(NOTIFICATION, "a_dead_receiver_is_one_warning_and_the_others_are_told"),
            removed="url",
            inverted='url.replace(origin(url), "")',
        ),
        expression(
            "an origin has no password",
            'parts.netloc.rpartition("@")[2]',
            of(NOTIFY, "only_scheme_and_host_of_the_proxy_are_told"),
            removed="parts.netloc",
            inverted='parts.netloc.rpartition("@")[0]',
        ),
        condition(
            "what is no address is refused",
            "not _is_address(url)",
            of(NOTIFICATION, "what_is_no_address_is_an_error_before_anything_is_read"),
        ),
        condition(
            "only what a receiver can get over is sent again", "status in REPEATED_STATUS", of(NOTIFICATION, "answers"), removed="True"
        ),
    ),
    *in_file(
        "module_utils/_run/options.py",
        part(
            "options for the cluster are secret before they are checked",
            'secrets += cluster.secrets_of(given.get("kubernetes"))',
            of(RUN, "options_for_the_cluster_as_text_are_not_shown_when_another_option_is_wrong"),
        ),
        part(
            "an option that nobody knows is named whatever else is wrong",
            "_unknown_options(unknown, known)",
            of(RUN, "an_option_that_nobody_knows"),
        ),
        part(
            "entries under a name that nobody knows are shown without secrets",
            "name not in options",
            of(RUN, "options_that_are_refused_are_shown_without_secrets"),
        ),
        expression(
            "the value of an option that nobody knows is not shown",
            "_is_mistyped_ordinary(str(name), known)",
            of(RUN, "an_option_that_nobody_knows"),
            removed="True",
        ),
        part(
            "secrets are known before the options are checked",
            "secrets += secret_values(entries)",
            of(RUN, "options_that_are_refused_are_shown_without_secrets"),
            one_alone="secrets += secret_values([given])",
        ),
    ),
    *in_file(
        "module_utils/_run/runner.py",
        expression(
            "the verdict is the same in check mode",
            "steps.guard(plan, steps.prove(plan))",
            of(CLEANUP, "refusals"),
            removed="plan if check_mode else steps.guard(plan, steps.prove(plan))",
            inverted="steps.guard(plan, steps.prove(plan)) if check_mode else plan",
        ),
        condition(
            "check mode does not apply",
            "steps.predict(permission) if check_mode else steps.apply(permission)",
            of(CLEANUP, "retain_is_the_default"),
        ),
        condition(
            "a run is done again where nothing was committed",
            "not error.repeatable",
            of(RUN, "a_lost_transaction_is_done_again_with_new_connections_and_a_line_for_each", "nothing_else_is_repeated"),
            never="True",
        ),
        condition("a run is done again twice at the most", "not left", of(RUN, "the_third_loss_is_the_last")),
        expression(
            "how often a run is done again",
            "REPEATS = 2",
            of(RUN, "a_lost_transaction_is_done_again_with_new_connections_and_a_line_for_each", "the_third_loss_is_the_last"),
            removed="REPEATS = 0",
            inverted="REPEATS = 99",
            one_more="REPEATS = 3",
            one_less="REPEATS = 1",
        ),
        expression(
            "a run is done again with new connections",
            "run.resources",
            of(RUN, "a_lost_transaction_is_done_again_with_new_connections_and_a_line_for_each"),
            within="carry_out",
            removed="contextlib.nullcontext()",
            inverted="run.resources.pop_all()",
        ),
        expression(
            "the options that Ansible shows hold no secret",
            "run.redactor.data(options.shown(host.params, spec.options))",
            of(RUN, "what_a_result_shows"),
            removed="options.shown(host.params, spec.options)",
        ),
        condition("check mode tells nobody", "not host.check_mode", TOLD_ONCE),
        condition(
            "a quiet run tells nobody",
            'result.get("changed") or result.get("failed")',
            (*TOLD_ONCE, *of(NOTIFICATION, "failures_are_told_whether_they_are_a_model_or_the_whole_run")),
            failures_too='result.get("changed")',
            changes_too='result.get("failed")',
        ),
        expression(
            "trouble with a receiver is no failure",
            "warnings = [...]",
            of(NOTIFICATION, "a_defect_in_telling_does_not_hide_what_was_done"),
            within="_notify_all",
            removed="warnings = []",
            inverted="raise",
        ),
        expression(
            "what is told has no secrets",
            "run.without_secrets(notify.summary(run.module_name, result, litellm_url, started_by(os.environ), now))",
            of(NOTIFICATION, "no_secret_is_told"),
            removed="notify.summary(run.module_name, result, litellm_url, started_by(os.environ), now)",
            inverted="dict(notify.summary(run.module_name, result, litellm_url, started_by(os.environ), now), url=urls)",
        ),
        part(
            "a module refuses a text in a list that YAML took for something else",
            "options.check_lists(host.raw_params, spec.options)",
            of(RUN, "a_text_in_a_list_that_yaml_took_for_something_else"),
            after_ansible="options.check_lists(host.params, spec.options)",
        ),
        part("Ansible does not hide placeholders", "is_placeholder(text)", of(RUN, "what_a_result_shows")),
        part(
            "Ansible's hiding is told what stays",
            "host.no_log_values.intersection_update(run.hidden_by_ansible())",
            of(RUN, "what_a_result_shows"),
        ),
        part(
            "an ordinary member of a service account hides nothing",
            "host.ordinary",
            of(RUN, "an_ordinary_member_of_a_service_account_hides_nothing"),
        ),
    ),
    *in_file(
        "module_utils/_run/termination.py",
        condition(
            "the first signal decides how a run ends",
            "not self._ending",
            of(TUNNEL, "a_second_signal_does_not_interrupt_the_end", "a_second_signal_does_not_interrupt_the_handler_of_the_first"),
            removed="True",
        ),
    ),
]
