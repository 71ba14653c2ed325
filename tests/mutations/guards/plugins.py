# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of modules, filters, lookups and plugin_utils."""

from __future__ import annotations

from tests.mutations.mutants import condition, expression, in_file, in_string, part
from tests.mutations.suites import (
    CLEANUP,
    CONNECTION,
    FILTERS,
    GIVING_BACK,
    IN_PROCESS,
    INFO,
    KEY_PERMISSION,
    PACKED,
    ROLE,
    SHOW_TEXT,
    VARIABLES,
    of,
)

GUARDS = [
    *in_file(
        "action/show_text.py",
        condition(
            "a program that reads standard output gets no text",
            "not is_for_people(constants.DEFAULT_STDOUT_CALLBACK)",
            of(SHOW_TEXT, "a_program_gets_a_result", "people_get_it"),
        ),
        part("what is not to be logged is not shown", "self._task.no_log", of(SHOW_TEXT, "a_program_gets_a_result")),
        condition("a name does nothing to a terminal", "sign.isprintable()", of(SHOW_TEXT, "a_text_only_prints"), removed="True"),
    ),
    *in_file(
        "filter/models_list.py",
        condition(
            "beside an entry that failed another of its name means the deployment that it meant",
            'model_id and str(spec["model_name"]) in names and not spec.get("model_id")',
            of(FILTERS, "without_failed"),
            always='model_id and not spec.get("model_id")',
            given='model_id and str(spec["model_name"]) in names',
        ),
    ),
    *in_file(
        "filter/summary.py",
        expression(
            "a name makes no lines of its own",
            r'line.replace("\n", "\\n")',
            of(FILTERS, "a_name_makes_no_lines_of_its_own"),
            removed="line",
        ),
        condition(
            "a step whose task was kept from failing has failed",
            '"msg" in step and not step.get("skipped")',
            of(FILTERS, "a_failure_is_told_in_full_once_and_in_short", "a_skipped_step_has_not_failed"),
            inverted='"msg" in step',
        ),
        part(
            "a failure is told once",
            'model["reason"] != failure["reason"]',
            of(FILTERS, "a_failure_is_told_in_full_once_and_in_short"),
        ),
        expression(
            "the last line of a run is short",
            'text[:SHORT].rstrip(" .")',
            of(FILTERS, "the_short_form_is_short_whatever_fails"),
            removed='text.rstrip(" .")',
        ),
    ),
    *in_file(
        "lookup/given.py",
        condition("a lookup of a variable that nobody knows fails", "if unknown: ...", of(ROLE, "the_lookups")),
        expression(
            "a lookup of one variable gives the default of the role's documentation",
            'options().get(name, {}).get("default", self.get_option("default"))',
            of(ROLE, "the_lookups"),
            removed='self.get_option("default")',
        ),
    ),
    *in_file(
        "lookup/role_variables.py",
        expression(
            "a lookup fails with the problems", 'self.get_option("strict")', of(ROLE, "the_lookups"), removed="False", always="True"
        ),
    ),
    *in_file(
        "modules/litellm_model.py",
        condition(
            "LiteLLM is not changed where the backend cannot be",
            "plan.writes",
            of(CONNECTION, "litellm_is_changed_only_where_the_backend_can_be"),
            removed="False",
        ),
        expression(
            "what leaves LiteLLM is judged before it is deleted",
            'leaving or (self.params["check_backend"] and plan.writes)',
            of(CONNECTION, "without_the_backend_the_models_of_litellm_are_what_counts"),
            removed='self.params["check_backend"] and plan.writes',
            inverted='not leaving or (self.params["check_backend"] and plan.writes)',
        ),
        condition(
            "what the later steps would refuse stays in LiteLLM",
            "if proof.refusal: ...",
            of(CONNECTION, "without_the_backend_the_models_of_litellm_are_what_counts"),
        ),
        condition(
            "who may not write models is told before the first write",
            "sum(kinds) > (0 if self.run.check_mode else 1)",
            of(KEY_PERMISSION, "check_mode_says_that_the_key_may_not_write", "a_run_that_could_be_done_in_part_is_not_begun"),
            runs_in_part="self.run.check_mode and any(kinds)",
            check_of_one_kind="sum(kinds) > 1",
        ),
    ),
    *in_file(
        "modules/litemaas_model_sync.py",
        condition(
            "nothing is given back without being asked for",
            "plan_restore(plan, self.rows, self.taken) if self.params['restore'] else warn_of_losses(plan, self.taken)",
            of(GIVING_BACK, "a_later_run_restores_too_and_the_run_that_brings_it_back_warns[current]"),
            removed="plan_restore(plan, self.rows, self.taken)",
        ),
    ),
    *in_file(
        "modules/litemaas_orphan_cleanup.py",
        expression(
            "the cleanup stops at a refusal",
            "ends_refused = True",
            of(CLEANUP, "refusals", "what_litellm_has_saved_or_cannot_tell_is_not_removed"),
            removed="ends_refused = False",
        ),
        expression(
            "what is to be kept",
            '{name: KEPT for name in self.params["keep_models"] if name in self.rows}',
            of(CLEANUP, "what_is_to_be_kept"),
            removed="{name: KEPT for name in ()}",
            whatever_there_is='{name: KEPT for name in self.params["keep_models"]}',
        ),
        condition(
            "in check mode the cleanup is measured by the rows that the sync before it leaves",
            "if self.run.check_mode: ...",
            of(CLEANUP, "check_mode_refuses_what_a_run_refuses_after_its_sync"),
        ),
    ),
    *in_file(
        "modules/litemaas_sync_info.py",
        part(
            "litemaas_sync_info only reads", "read_only=True", of(INFO, "nine_statements_and_none_that_writes"), inverted="read_only=False"
        ),
    ),
    *in_file(
        "plugin_utils/_models_list.py",
        expression(
            "a field is found under LiteLLM's name for it",
            "spelt if spelt in known else OTHER_NAMES.get(spelt) or option_of(spelt)",
            of(ROLE, "misspelt_fields"),
            removed="None",
        ),
        condition("models by their names are no model", "not value", of(ROLE, "what_is_wrong"), removed="True"),
        expression(
            "a model is named, and no place, where it has a name",
            "name_of(spec, place)",
            of(ROLE, "what_is_wrong"),
            removed='f"entry {place}"',
        ),
    ),
    *in_file(
        "plugin_utils/_packed.py",
        condition(
            "a date where a text was meant reaches the module as what it is",
            "isinstance(value, datetime.date)",
            of(PACKED, "dates"),
            within="field_for_module",
        ),
        condition(
            "a date in a free parameter is the text that it was",
            "isinstance(value, datetime.datetime)",
            of(PACKED, "dates"),
            removed="True",
            with_times="False",
        ),
        expression(
            "a name that is no text is handed on as what it is",
            "_key_for_json(name)",
            of(PACKED, "a_name_that_is_no_text_is_handed_on_by_its_tag", "one_bad_entry_is_no_reason_against_the_others"),
            removed="name",
            as_text="str(name)",
        ),
        expression(
            "a value that JSON cannot hold is handed on as what it is",
            "{tag: str(value)}",
            of(PACKED, "a_value_that_json_cannot_hold_is_handed_on_by_its_tag"),
            removed="str(value)",
        ),
        in_string("the text of a list is nothing that Ansible reads as data", "models as JSON:", of(PACKED, "there_and_back")),
    ),
    *in_file(
        "plugin_utils/_in_process.py",
        condition("what runs beside Ansible is a module", "task.async_val", of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition("what has a time limit is a module", "task.timeout", of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition("what runs on another host is a module", 'connection.transport != "local"', of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition("what runs as another account is a module", "connection.become", of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition(
            "macOS runs modules",
            "sys.platform in NO_FORKS",
            of(IN_PROCESS, "a_fork_of_macos_is_no_place", "where_a_module_would_run_here_its_work_is_done_here"),
        ),
        condition(
            "a variable that counts at a start only needs one",
            "any(name.startswith(READ_AT_START) for name in environment)",
            of(IN_PROCESS, "elsewhere_a_module_runs"),
        ),
        condition("a variable turns it off", "_is_on(resolve(variables.get(SWITCH)))", of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition("another Python runs a module", "_is_this_python(str(resolve(python)))", of(IN_PROCESS, "elsewhere_a_module_runs")),
        condition(
            "options that are refused end a run in process",
            "checked.error_messages",
            of(IN_PROCESS, "what_is_printed_is_what_the_module_prints"),
        ),
        expression(
            "a run in process prints no secret",
            "remove_values(result, self.no_log_values)",
            of(IN_PROCESS, "a_secret_is_not_taken_out_of_what_is_true"),
            removed="result",
        ),
        expression(
            "the variables of a task are gone after it",
            "os.environ.clear()",
            of(IN_PROCESS, "the_process_is_left_as_it_was"),
            removed="pass",
        ),
        expression(
            "the folder of a task is left after it",
            "os.fchdir(before)",
            of(IN_PROCESS, "the_process_is_left_as_it_was"),
            removed="pass",
        ),
        expression(
            "libraries log nothing in a run in process",
            "logger.propagate = False",
            of(IN_PROCESS, "the_process_is_left_as_it_was"),
            removed="pass",
        ),
        expression(
            "filters of warnings are put back after a run",
            "warnings.catch_warnings()",
            of(IN_PROCESS, "the_process_is_left_as_it_was"),
            removed="contextlib.nullcontext()",
        ),
        expression(
            "a signal that ended the work reaches the process",
            "signal.raise_signal(ending.code - ENDED_BY_SIGNAL)",
            of(IN_PROCESS, "a_signal_that_ended_the_work_comes_to_the_process"),
            removed="pass",
        ),
    ),
    *in_file(
        "plugin_utils/_module_action.py",
        condition(
            "the module does not run with a field that nobody knows",
            "if problems: ...",
            of(PACKED, "an_unknown_field_ends_the_task_before_the_module"),
        ),
        expression(
            "a module tells wrong values beside a field that nobody knows",
            "[*unknown, *wrong_values(specs)] if unknown else []",
            of(PACKED, "an_unknown_field_ends_the_task_before_the_module"),
            removed="unknown",
        ),
        expression(
            "the options of one model are handed on as an entry of a list is",
            "model_options()",
            of(PACKED, "the_options_of_one_model_are_handed_on_as_an_entry_of_a_list_is"),
            removed="()",
        ),
    ),
    *in_file(
        "plugin_utils/_role.py",
        expression(
            "whatever goes wrong with a variable names it",
            "Exception",
            of(ROLE, "whatever_goes_wrong_with_a_variable_names_it_and_shows_nothing"),
            removed="NameError",
        ),
        expression(
            "what goes wrong is told without the value",
            "type(error).__name__",
            of(ROLE, "whatever_goes_wrong_with_a_variable_names_it_and_shows_nothing"),
            removed="error",
        ),
        condition("a switch is no number of the role", "isinstance(value, bool)", of(ROLE, "a_switch_is_no_number"), removed="False"),
        expression(
            "Ansible's sentence about a variable does not show its value",
            '_VALUE_SHOWN.sub(r"\\1", told)',
            of(ROLE, "odd_values_of_any_type"),
            removed="told",
        ),
        expression(
            "a number that is none is refused, also where a text stands for it",
            "not abs(value) <= sys.float_info.max",
            of(ROLE, "a_number_that_is_none_is_named"),
            removed="False",
            not_a_number="abs(value) > sys.float_info.max",
        ),
        condition(
            "a text of a variable that YAML took for something else is refused",
            "made or isinstance(value, (dict, list))",
            of(ROLE, "a_text_that_yaml_took_for_something_else", "a_structure_is_no_text"),
            structures="made",
        ),
        expression(
            "a number under a secret's name is not shown",
            "secret",
            of(ROLE, "a_text_that_yaml_took_for_something_else"),
            within="made",
            removed="False",
        ),
        condition("nothing in a list is no text", "member is None", of(ROLE, "nothing_in_a_list_of_texts")),
        expression(
            "the parts of how to sign in to the cluster are looked at",
            "dict(option, options=_PARTS.get(name, {}))",
            of(ROLE, "parts_of_how_to_sign_in_to_the_cluster"),
            removed="option",
        ),
        expression(
            "own names before older ones",
            "(name, *OLDER_NAMES.get(name, ()))",
            of(ROLE, "the_first_name_that_is_there_counts"),
            removed="(name,)",
            inverted="(*OLDER_NAMES.get(name, ()), name)",
        ),
        condition(
            "an older name counts by its presence",
            "value is not None and not (empty and candidate in EMPTY_IS_NOT_GIVEN)",
            of(ROLE, "the_first_name_that_is_there_counts", "an_empty_text_is_not_given_where_nothing_can_be_named_so"),
            removed="True",
            by_value="value and not (empty and candidate in EMPTY_IS_NOT_GIVEN)",
            empty="value is not None",
        ),
        condition(
            "the environment counts last",
            '(self._environment.get(variable) or "").strip()',
            of(ROLE, "the_first_name_that_is_there_counts"),
        ),
        condition(
            "an empty address lets no other installation take its place",
            'result[name[len(PREFIX) :]] == ""',
            of(ROLE, "an_empty_text_lets_nothing_of_another_installation_take_its_place"),
            removed="False",
        ),
        expression(
            "an answer left blank becomes no default",
            'kind in _NO_TEXTS or option.get("choices") or name in NEEDS_TEXT',
            of(ROLE, "an_answer_left_blank_becomes_no_default"),
            removed="False",
            without_choices="kind in _NO_TEXTS or name in NEEDS_TEXT",
        ),
        part(
            "each problem ends the run", "self.problems.append(str(error))", of(ROLE, "any_variable_that_cannot_be_resolved_is_a_problem")
        ),
        condition(
            "no step gets a list beside a problem",
            "self.problems",
            of(ROLE, "any_variable_that_cannot_be_resolved_is_a_problem", "what_is_wrong"),
            within="usable",
        ),
        part(
            "a wrong value of an option is a problem",
            "self.problems += [self._as_given(sentence) for sentence in wrong]",
            of(ROLE, "what_is_wrong"),
        ),
        expression(
            "what a later module refuses is a problem before the first one",
            "self.problems += [in_our_words(text) for text in wrong]",
            of(ROLE, "what_is_wrong"),
            removed="[in_our_words(text) for text in wrong]",
        ),
        part("nothing else is taken for a list", "self.problems += problems", of(ROLE, "what_is_wrong")),
        part("a variable that nobody knows is a problem", "self.problems += self._unknown_variables()", of(ROLE, "what_is_wrong")),
        part("a misspelt prefix is one, too", "_is_misspelt(name, known)", of(ROLE, "misspelt_variables")),
        condition(
            "a variable of somebody else is no problem",
            'not re.match(_ALIKE, name) or name.startswith(tuple(one + "_" for one in known))',
            of(ROLE, "misspelt_variables"),
            by_shape="not re.match(_ALIKE, name)",
        ),
        part("a field that nobody knows is a problem", "self.problems += _models_list.unknown_fields(specs)", of(ROLE, "what_is_wrong")),
        condition("wrong values are told in the same run", "if self.problems: ...", of(ROLE, "what_is_wrong")),
        condition(
            "nothing to do is said",
            "not specs",
            of(ROLE, "what_is_wrong", "a_value_that_is_wrong_alone_is_left_to_its_model"),
            removed="False",
        ),
    ),
    *in_file(
        "plugin_utils/_variables.py",
        condition(
            "a variable that cannot be resolved is no default",
            "if failures: ...",
            (*of(VARIABLES, "what_cannot_be_resolved_is_named"), *of(ROLE, "a_name_whose_template_fails_is_no_reason_for_the_next")),
        ),
        expression(
            "a template that fails is a failure",
            "fail_on_undefined=True",
            of(VARIABLES, "what_cannot_be_resolved_is_named"),
            removed="fail_on_undefined=False",
        ),
        expression(
            "what a template holds is not shown",
            'f"its template failed ({type(error).__name__})"',
            of(VARIABLES, "what_cannot_be_resolved_is_named"),
            removed='f"its template failed: {text}"',
        ),
        condition(
            "a variable is given by being there",
            "isinstance(written, str)",
            of(VARIABLES, "presence_counts_and_no_value"),
            within="is_given",
            removed="False",
        ),
        expression(
            "a variable that is null is not given",
            "written is not None",
            of(VARIABLES, "presence_counts_and_no_value"),
            null="name in self._written",
            by_value="bool(written)",
        ),
        expression(
            "an unsafe text is no template",
            "self._templar.template(written, fail_on_undefined=True)",
            of(VARIABLES, "types_are_kept"),
            removed="written",
        ),
        expression(
            "what is left out is not there",
            "{_name(key): member for key, member in pairs if member is not _OMITTED}",
            of(VARIABLES, "what_is_left_out_is_not_there"),
            removed="{_name(key): member for key, member in pairs}",
        ),
        expression(
            "the value of a text of an encrypted one is none of its letters",
            'isinstance(value, (str, bytes)) or hasattr(value, "__ENCRYPTED__") or type(value).__name__ == "EncryptedString"',
            of(VARIABLES, "an_encrypted_text_is_one_text"),
            removed="isinstance(value, (str, bytes))",
        ),
        part(
            "a set is no list in any order",
            "return frozenset(map(_name, value))",
            of(VARIABLES, "names_and_sets_are_what_they_are"),
            a_list="return list(map(_name, value))",
        ),
        expression(
            "what is omitted is left out at every depth",
            "self._without_omitted(plain(value))",
            of("tests/unit/plugins/plugin_utils/test_omitted.py", "what_is_omitted_is_left_out"),
            removed="plain(value)",
        ),
    ),
]
