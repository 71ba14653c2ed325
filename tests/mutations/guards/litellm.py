# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of LiteLLM: its API, and the plan of its deployments."""

from __future__ import annotations

from tests.mutations.mutants import LATER, condition, expression, in_file, part
from tests.mutations.suites import (
    ADDRESS,
    COST_MAP,
    DEPLOYMENTS,
    HTTP,
    IDENTITY,
    KEY_PERMISSION,
    LITELLM,
    ONCE,
    PLANNING,
    PROOF,
    PROVIDERS,
    RECONCILE,
    REMOVALS,
    REPLACE,
    SOURCE,
    TLS,
    UNFINISHED,
    UNIT,
    UNREADABLE,
    of,
)

GUARDS = [
    *in_file(
        "module_utils/_litellm/address.py",
        condition(
            "a LiteLLM that is slow at an address is at that address",
            "ask(url)",
            of(ADDRESS, "an_address_that_does_not_answer"),
            within="_too_late",
        ),
        part(
            "a LiteLLM that is slow at an address is at that address where no other one answers",
            "not ask(parts[-1])",
            of(ADDRESS, "an_address_that_does_not_answer"),
        ),
        condition(
            "another host is asked nothing about a redirect to it",
            "urlsplit(leads_to).hostname != urlsplit(url).hostname",
            of(ADDRESS, "where_a_redirect_should_lead"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/apply.py",
        expression(
            "a plan stays as it was made",
            "_copy(action) if action.awaited or _is_written(action, litellm) else action",
            of(RECONCILE, "parameters_are_taken_out_with_the_update_where_litellm_does_that"),
            removed="action",
            but_for_its_body="dataclasses.replace(action)",
        ),
        condition(
            "a run that has finished meanwhile is let be",
            "shown is None or is_unfinished(shown)",
            of(RECONCILE, "a_run_that_has_finished_meanwhile_is_let_be"),
            removed="True",
        ),
        condition(
            "an id that is not listed is looked at before it is deleted",
            "litellm.has_id(model_id, action.model_name)",
            of(RECONCILE, "an_id_that_is_not_listed_is_deleted_only_under_its_name"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/client.py",
        part(
            "the second read is of a new connection",
            "self.http.reconnect()",
            of(LITELLM, "a_proxy_is_asked_for_evidence"),
            within="testify",
            inverted=LATER,
        ),
        condition(
            "one empty second list is not the truth",
            "self.read() if reading.deployments else self._list()",
            of(LITELLM, "one_empty_second_list_is_not_taken_for_the_truth", "an_empty_proxy_is_asked_for_its_older_list_too"),
        ),
        expression(
            "the key is asked for last",
            'self._answer_or_error(lambda: self.http.get("/key/info"))',
            of(LITELLM, "a_proxy_is_asked_for_evidence"),
            removed='NotFound("")',
            inverted='self._answer_or_error(lambda: self.http.get("/router/settings"))',
        ),
        expression(
            "what fails is evidence", "return error", of(LITELLM, "what_fails_is_evidence_too"), removed="return {}", inverted="raise"
        ),
        condition(
            "who cannot search is asked whether the store is used",
            "ask_store and not reading.searches_database",
            of(LITELLM, "a_proxy_that_cannot_search_its_database_is_asked_whether_it_has_one", "a_proxy_is_asked_for_evidence"),
            inverted="ask_store and reading.searches_database",
            by_writing_always="not reading.searches_database",
        ),
        condition(
            "an empty list is looked at in another way",
            "reading.deployments",
            of(LITELLM, "an_empty_proxy_is_asked_for_its_older_list_too"),
            within="loaded",
            removed="True",
        ),
    ),
    *in_file(
        "module_utils/_litellm/key_rights.py",
        condition(
            "only LiteLLM's own words refuse a key",
            "_VIEWER in error.message",
            of(KEY_PERMISSION, "the_question_is_asked_once_and_only_before_a_write", "check_mode_says_that_the_key_may_not_write"),
            removed="True",
            no_viewer="False",
        ),
    ),
    *in_file(
        "module_utils/_litellm/lookups.py",
        condition(
            "LiteLLM's own list is asked for only of one that keeps it apart",
            'error.details.get("status") != _UNFIT',
            of(LITELLM, "whether_litellm_keeps_its_own_list_apart_is_asked_once"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/model_lists.py",
        condition(
            "an answer is one to the question",
            "if unfit: ...",
            of(LITELLM, "an_answer_to_another_question_is_not_believed", "a_name_is_looked_up_exactly"),
        ),
        condition(
            "a list has a largest size in all its pages",
            "self.http.received - before > LARGEST_LIST",
            of(LITELLM, "the_pages_of_a_list_have_a_largest_size_together"),
            of_the_run="self.http.received > LARGEST_LIST",
        ),
        condition(
            "one empty list is not the truth",
            "if reading.deployments: ...",
            of(LITELLM, "one_empty_list_is_not_taken_for_the_truth", "an_empty_proxy_is_empty_after_some_reads"),
            removed="True",
        ),
        condition(
            "a name is that name",
            "model_name in names_of(entry)",
            of(LITELLM, "a_name_is_looked_up_exactly"),
            served_only='model_name == entry["model_name"]',
        ),
        part(
            "what is saved besides is counted behind what is served",
            "page=page",
            of(LITELLM, "one_search_tells_that_nothing_is_saved_besides_what_is_served"),
            within="_serves_all_with.answer",
        ),
        expression(
            "what a search counts may be in names or in what they stand for",
            "(named, found)",
            of(LITELLM, "a_search_may_also_look_into_what_a_model_stands_for"),
            names_only="(named,)",
            backends_only="(found,)",
        ),
        part(
            "a search that finds a strange id tells nothing",
            "not strange",
            of(LITELLM, "a_search_may_also_look_into_what_a_model_stands_for"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/model_writes.py",
        condition(
            "what lies under the id of a create is looked at before it is written over",
            "not self.shows_unserved",
            of(LITELLM, "what_lies_under_the_id_of_a_create_is_looked_at_where_nothing_shows_it"),
            within="_settle_create",
            removed="False",
        ),
        expression(
            "what lies under an id is looked at afterwards where it could not be before",
            "self.finds_unserved",
            of(LITELLM, "a_proxy_that_serves_nothing_tells_only_after_the_write_what_lies_under_an_id"),
            removed="True",
        ),
        condition(
            "a probe is about this name",
            "model_name in names_of(saved)",
            of(LITELLM, "an_id_is_looked_up_by_an_empty_patch"),
            removed="bool(saved)",
        ),
        condition(
            "a probe is answered with a model",
            'not isinstance(saved.get("model_name"), str)',
            of(LITELLM, "an_id_is_looked_up_by_an_empty_patch"),
        ),
        condition(
            "a probe believes only LiteLLM's own words", "not says_not_found(error)", of(LITELLM, "an_id_is_looked_up_by_an_empty_patch")
        ),
        expression(
            "a probe that finds nothing",
            "return False",
            of(LITELLM, "an_id_is_looked_up_by_an_empty_patch"),
            within="has_id",
            removed="raise",
            inverted="return True",
        ),
        condition(
            "a probe that finds a config model", "CONFIG_MODEL in error.message", of(LITELLM, "an_id_is_looked_up_by_an_empty_patch")
        ),
        expression(
            "a probe that tells nothing ends the run",
            "if CONFIG_MODEL in error.message: return True",
            of(LITELLM, "an_id_is_looked_up_by_an_empty_patch"),
            removed="return CONFIG_MODEL in error.message",
            inverted="return True",
        ),
        condition("only an ambiguous create is looked after", "not error.ambiguous", ONCE, within="create"),
        expression(
            "a create is repeated only where nothing was saved",
            "return self._create_again(deployment)",
            ONCE,
            removed="return SAVED",
            inverted="raise error",
        ),
        condition(
            "a model store that is off is named", '"STORE_MODEL_IN_DB" in text', of(LITELLM, "a_proxy_without_a_model_store_is_named")
        ),
        condition(
            "a removal is known by how LiteLLM refuses one",
            "REMOVES not in error.message",
            of(LITELLM, "whether_parameters_are_taken_out_is_asked_once", "another_refusal_of_a_removal_is_an_error"),
        ),
        condition(
            "only what LiteLLM says of a model is no removal",
            "isinstance(error, NotFound) and says_not_found(error)",
            of(LITELLM, "whether_parameters_can_be_taken_out_is_asked_of_nothing"),
            removed="True",
            any_404="isinstance(error, NotFound)",
        ),
    ),
    *in_file(
        "module_utils/_litellm/compare.py",
        expression(
            "an encrypted value is never sent as a value",
            "(*NEVER_SHOWN, *lost)",
            of(UNREADABLE, "no_encrypted_value_goes_back"),
            removed="NEVER_SHOWN",
        ),
        condition(
            "what another model of the litellm_model says is saved where the list says it",
            "path[1] not in said",
            of(COST_MAP, "what_is_declared_beside_others_is_saved_also_where_it_shows_already"),
            removed="False",
        ),
        part(
            "what extra_info says is saved, also where another model of the litellm_model says it",
            'self._is_of_another(("model_info", name))',
            of(COST_MAP, "what_is_declared_beside_others_is_saved_also_where_it_shows_already"),
        ),
        condition(
            "what extra_info says and LiteLLM shows already is saved with another write",
            "if key == INFO_KEY: ...",
            of(COST_MAP, "what_shows_and_is_no_option_is_saved_with_another_write"),
        ),
        part(
            "a price that LiteLLM shows already is saved with another write",
            "self._save_prices()",
            of(COST_MAP, "what_shows_and_is_no_option_is_saved_with_another_write"),
        ),
        condition(
            "a secret is sent when its HMAC differs",
            'known and not self._shows_another(name, value) and self.policy.update_secrets != "always"',
            DEPLOYMENTS,
            inverted='not known and self.policy.update_secrets != "always"',
            never="True",
            not_looked_at='known and self.policy.update_secrets != "always"',
        ),
        expression(
            "a secret is another one than the one that LiteLLM shows",
            "not is_shown_as(value, shown) and normal_form(shown) != normal_form(value)",
            DEPLOYMENTS,
            masked="normal_form(shown) != normal_form(value)",
            as_written="not is_shown_as(value, shown)",
        ),
        expression(
            "what LiteLLM may show otherwise is no other secret",
            "name in NEVER_SHOWN or shown is None or has_reference(value) or self.entry.get(SAVED_ONLY)",
            DEPLOYMENTS,
            never_shown="shown is None or has_reference(value) or self.entry.get(SAVED_ONLY)",
            nothing="name in NEVER_SHOWN or has_reference(value) or self.entry.get(SAVED_ONLY)",
            reference="name in NEVER_SHOWN or shown is None or self.entry.get(SAVED_ONLY)",
            saved="name in NEVER_SHOWN or shown is None or has_reference(value)",
        ),
        condition("what LiteLLM made of a secret's text is no other secret", "not isinstance(shown, str)", DEPLOYMENTS, removed="False"),
        condition("a mask of a structure's text is no other secret", "json_structure(value) is not value", DEPLOYMENTS, removed="False"),
        part(
            "a fingerprint of an earlier version is rewritten only where it fits",
            "is_known(have, self.policy.admin_key, name, value)",
            DEPLOYMENTS,
            within="_renew_fingerprints",
            never="False",
        ),
        expression(
            "what somebody else stored is shown without secrets",
            "Change(name, without_secrets(name, have), without_secrets(name, value))",
            of(DEPLOYMENTS, "what_is_shown_of_what_somebody_else_stored"),
            within="_compare_extra",
            removed="Change(name, have, value)",
        ),
        expression(
            "a mask of the same form is no proof",
            "shows_mask(name, have)",
            of(DEPLOYMENTS, "what_litellm_masks_is_compared_by_its_fingerprint"),
            removed="False",
        ),
        condition("a mask is not sent back", "not shows_mask(name, value)", of(DEPLOYMENTS, "a_short_mask_is_never_taken_for_a_value")),
        condition(
            "taking out what tells the provider is announced",
            "key in TELL_THE_PROVIDER",
            f"{DEPLOYMENTS}::{UNFINISHED}taking_out_what_tells_the_provider_is_announced",
            removed="False",
        ),
        expression(
            "a free parameter of somebody else stays",
            "sorted(self.remembered[PARAMS_KEY].difference(given, NAMED_PARAMETERS))",
            (f"{REPLACE}::test_free_parameters_of_others_stay", f"{REPLACE}::test_free_parameters_of_this_collection_are_cleared"),
            removed='sorted(set(self.entry["litellm_params"]).difference(given, NAMED_PARAMETERS))',
            never="[]",
        ),
        expression(
            "what somebody else wrote into model_info stays",
            "sorted(self.remembered[INFO_KEY].difference(self.spec.extra_info))",
            (f"{REPLACE}::test_free_parameters_of_others_stay", f"{REPLACE}::test_free_parameters_of_this_collection_are_cleared"),
            removed='sorted(set(self.entry["model_info"]) - {"id", "db_model"} - set(self.spec.extra_info))',
            never="[]",
        ),
        expression(
            "a free option of somebody else stays", "field.free", f"{REPLACE}::test_free_parameters_of_others_stay", removed="False"
        ),
        condition(
            "what is left out stays remembered",
            "self.policy.replace",
            f"{REPLACE}::test_what_is_left_out_stays_remembered",
            within="now",
            removed="True",
        ),
        condition(
            "the memory alone is no reason to write",
            "self.policy.replace and new",
            f"{REPLACE}::test_what_is_remembered_is_kept_true_with_other_writes_only",
            removed="True",
            never="False",
        ),
        condition(
            "a key is taken away where there is to be none",
            'hmac_key("api_key") in self.entry["model_info"]',
            f"{DEPLOYMENTS}::test_a_key_that_is_to_be_none_is_cleared",
            removed="False",
            always="True",
        ),
    ),
    *in_file(
        "module_utils/_litellm/cost_map.py",
        condition(
            "a write of a deployment changes what others of its litellm_model show",
            "not self._registers",
            of(COST_MAP, "the_last_one_written_holds"),
        ),
        condition(
            "what LiteLLM found under any provider is of one only, once that has written it",
            "slash and have.get(_PROVIDER) is None",
            of(COST_MAP, "what_is_written_first_under_another_provider_is_only_that_ones_then"),
            always="slash",
        ),
        part(
            "a limit that LiteLLM's own list has is not taken of a deployment",
            "said = {field: value for field, value in said.items() if not has_limit(self._catalog, entry, field)}",
            of(COST_MAP, "limits_of_litellms_own_list_hold"),
            inverted="said = {field: value for field, value in said.items() if has_limit(self._catalog, entry, field)}",
        ),
        condition(
            "a LiteLLM that keeps its own list apart makes max_tokens of the other limits",
            "self._catalog is not None",
            of(COST_MAP, "max_tokens_is_what_can_come_out_or_go_in"),
            within="look_up",
            always="True",
        ),
        condition(
            "a mode that LiteLLM keeps to its deployment is not shown of others",
            "self._catalog is None",
            of(COST_MAP, "whose_mode_holds_for_all"),
            within="register",
            removed="True",
        ),
        condition(
            "a limit that a server said is none that its deployment says",
            "value is None or self._is_of_server(entry, name)",
            of(COST_MAP, "limits_that_a_server_said_stay_with_its_deployment"),
            removed="value is None",
        ),
        part(
            "a limit that a server said goes with a write of its deployment",
            "of_servers.pop(model_id, None)",
            of(COST_MAP, "limits_that_a_server_said_stay_with_its_deployment"),
        ),
        condition(
            "limits that a server may have said are looked at before their deployment is written",
            "any(_may_be_of_server(entry) for entry in entries if id_of(entry) in written)",
            of(COST_MAP, "limits_that_a_server_may_have_said_matter"),
        ),
        part(
            "a limit that a server said is foreseen to stay",
            "of_servers.get(id_of(entry), {})",
            of(COST_MAP, "limits_that_a_server_said_stay_with_its_deployment"),
        ),
        condition(
            "no warning of sharing where LiteLLM's own list holds",
            "_shares(entry, field, catalog)",
            of(COST_MAP, "limits_of_litellms_own_list_hold", "whose_mode_holds_for_all"),
        ),
        expression(
            "a warning of sharing is about models that leave something out",
            "silent and speaking",
            of(COST_MAP, "a_warning_names_those_that_say_and_those_that_leave_out"),
            removed="speaking",
            inverted="silent and not speaking",
        ),
    ),
    *in_file(
        "module_utils/_litellm/credentials.py",
        expression(
            "a credential is looked for where it is new",
            "name.startswith(ENVIRONMENT_PREFIX)",
            of(f"{UNIT}test_credentials.py", "a_credential_is_looked_for_where_it_is_new"),
            removed="True",
            reference="False",
        ),
        part(
            "a credential is looked for where a model is written",
            "action.kind in (CREATE, UPDATE)",
            of(f"{UNIT}test_credentials.py", "a_credential_is_looked_for_where_it_is_new"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/identity.py",
        condition("config.yaml's models are not written", "classify(entry) == CONFIG", DEPLOYMENTS, removed="False"),
        condition(
            "a team's model is not written by its id", "classify(entry) == TEAM", of(IDENTITY, "an_id_of_another_model"), removed="False"
        ),
        condition("config.yaml's models are not adopted", "kind == CONFIG", DEPLOYMENTS),
        condition(
            "a team's models are not adopted",
            "if kind != TEAM: self._of_name.setdefault(entry['model_name'], []).append(entry)",
            DEPLOYMENTS,
            removed="True",
        ),
        condition(
            "an id of another model deletes nothing", "spec.state == ABSENT", of(IDENTITY, "an_id_of_another_model"), within="_by_given_id"
        ),
        condition(
            "an id of another model renames it into no model that is there",
            "self.of_the_name(spec.model_name) or self.in_config(spec.model_name)",
            of(IDENTITY, "an_id_of_another_model"),
        ),
        expression(
            "what was renamed by hand is not deleted under its old name",
            "not spec.model_id and spec.state != ABSENT",
            of(IDENTITY, "what_was_renamed_by_hand_is_not_deleted_under_its_old_name"),
            removed="not spec.model_id",
            inverted="not spec.model_id and spec.state == ABSENT",
        ),
        condition(
            "an absent entry takes only what has all that it names",
            "_closeness(spec, entry) != OTHER",
            (*of(IDENTITY, "an_absent_entry_may_name_only_what_tells_it_apart"), DEPLOYMENTS),
        ),
        condition(
            "where no rule decides nothing is touched",
            "len(group) == 1 or (_are_alike(group) and (self._collapse or sure))",
            (*of(IDENTITY, "a_deliberate_group_that_the_list_names_once"), DEPLOYMENTS),
            removed="True",
            any_backend="len(group) == 1 or self._collapse or sure",
            unasked="len(group) == 1 or _are_alike(group)",
        ),
        condition("two entries never share a deployment", "spec.position in self._collisions", DEPLOYMENTS),
        condition(
            "duplicates are deleted on request",
            "self._collapse",
            (*of(IDENTITY, "of_a_group_duplicates_are_collapsed_and_nothing_else"), DEPLOYMENTS),
            within="_find_all",
        ),
        expression(
            "nothing is deleted as a duplicate of what an entry names by its id",
            "self._collapse and isinstance(found, dict) and spec.state != ABSENT and not spec.model_id",
            (*of(IDENTITY, "of_a_group_duplicates_are_collapsed_and_nothing_else"), DEPLOYMENTS),
            by_id="self._collapse and isinstance(found, dict) and spec.state != ABSENT",
        ),
        condition(
            "only duplicates are deleted",
            '_backend(entry["litellm_params"]) in backends',
            of(IDENTITY, "a_deliberate_group_that_the_list_names_once", "of_a_group_duplicates_are_collapsed_and_nothing_else"),
        ),
        condition(
            "what another entry names by its id is no duplicate",
            "id_of(entry) not in self._named",
            of(IDENTITY, "a_model_of_the_list_is_not_renamed_into_another_one"),
            within="_duplicates_of.others",
        ),
    ),
    *in_file(
        "module_utils/_litellm/memory.py",
        expression(
            "what this collection wrote is remembered",
            "sorted({*free, *spec.extra_params, *spec.secret_params})",
            f"{REPLACE}::test_free_parameters_of_this_collection_are_cleared",
            removed="[]",
            no_options="sorted({*spec.extra_params, *spec.secret_params})",
        ),
        expression(
            "what this collection wrote into model_info is remembered",
            "sorted(spec.extra_info)",
            f"{REPLACE}::test_free_parameters_of_this_collection_are_cleared",
            removed="[]",
        ),
        expression(
            "a secret is remembered by its fingerprint",
            "remembered[PARAMS_KEY]",
            f"{REPLACE}::test_an_own_key_takes_the_place_of_a_credential_and_back",
            removed="set()",
        ),
        expression(
            "a memory that cannot be read is none",
            "{name for name in value if isinstance(name, str)} if isinstance(value, list) else set()",
            f"{REPLACE}::test_an_odd_memory_is_none",
            removed="set(value or ())",
        ),
    ),
    *in_file(
        "module_utils/_litellm/pages.py",
        expression(
            "a search for many names rests on letters that are the same to LiteLLM's database",
            "(CAPITALS.get(character, character) for character in name)",
            of(LITELLM, "a_search_for_many_names"),
            removed="name.lower()",
            small_alone="name",
        ),
        condition(
            "a capital that no Turkish database takes for its small letter", 'capital != "I"', of(LITELLM, "a_search_for_many_names")
        ),
    ),
    *in_file(
        "module_utils/_litellm/patience.py",
        condition(
            "the waiting of a run has an end",
            "seconds > left or (retry_after or 0.0) > left",
            of(HTTP, "a_run_waits_two_minutes_in_all_whatever_it_asks_for", "who_asks_for_more_than_a_run_waits_is_not_asked_again"),
            whatever_is_asked_for="seconds > left",
        ),
        part(
            "waiting adds up",
            "self.waited += seconds",
            of(HTTP, "a_run_waits_two_minutes_in_all_whatever_it_asks_for"),
            inverted="self.waited -= seconds",
        ),
        condition(
            "the breaker",
            "self._clock() - self._opened_at < BREAKER_SECONDS",
            of(HTTP, "breaker_opens_after_five_failures_in_a_row_and_closes_again"),
            removed="False",
        ),
        condition(
            "five failures in a row",
            "self._failures >= BREAKER_FAILURES",
            of(HTTP, "breaker_opens_after_five_failures_in_a_row_and_closes_again"),
            one_off="self._failures > BREAKER_FAILURES",
        ),
        expression(
            "Retry-After has a limit",
            "min(LONGEST_WAIT, wanted)",
            of(HTTP, "retry_after_is_honoured_up_to_a_limit"),
            removed="wanted",
            inverted="max(LONGEST_WAIT, wanted)",
        ),
    ),
    *in_file(
        "module_utils/_litellm/plan.py",
        expression(
            "nothing but parameters is cleared in place",
            "action.unread or action.doubtful",
            of(RECONCILE, "what_a_removal_is_not_enough_for_is_made_anew"),
            read="action.doubtful",
            certain="action.unread",
        ),
        part(
            "only parameters are cleared in place",
            'all(part == "litellm_params" for part, _key in rest)',
            of(RECONCILE, "what_a_removal_is_not_enough_for_is_made_anew"),
        ),
    ),
    *in_file(
        "module_utils/_litellm/planner.py",
        condition(
            "what LiteLLM cannot read is saved anew with its secrets",
            "if lost: save_anew(differ, lost); ...",
            of(UNREADABLE, "all_that_the_entry_says_is_saved_anew"),
        ),
        expression(
            "what making a deployment anew would lose is refused before anything is written",
            "policy.revise or not removable(action)",
            (f"{DEPLOYMENTS}::TestReplace::test_making_it_anew_is_refused_when_a_text_may_be_a_reference",),
            removed="False",
            always="True",
            never_later="policy.revise",
            never_before="not removable(action)",
        ),
        condition(
            "a key that is used instead of a credential is told", "not policy.replace", (f"{DEPLOYMENTS}::TestSecretsOfEarlierLists",)
        ),
        condition(
            "what leaves by a rename or a deletion", '"model_name" in action.body', of(REMOVALS, "what_leaves"), within="names_leaving"
        ),
        part("what stays under its name does not leave", "stay", of(REMOVALS, "what_leaves")),
    ),
    *in_file(
        "module_utils/_litellm/planning.py",
        part(
            "what LiteLLM would refuse is not foreseen",
            "refuse_unserved(plan, litellm, deployments)",
            of(SOURCE, "what_litellm_would_refuse_does_not_come"),
        ),
        condition(
            "an update that would lose a secret is refused where LiteLLM makes the deployment anew for it",
            "losses and litellm.removes() is False",
            of(PLANNING, "what_making_it_anew_would_lose", "where_nothing_is_lost_nothing_is_asked"),
            unasked="losses",
            untold="losses and not litellm.removes()",
            always_asked="litellm.removes() is False",
        ),
    ),
    *in_file(
        "module_utils/_litellm/providers.py",
        part(
            "what LiteLLM cannot serve is refused",
            "action.kind, action.reason = FAILED, sentence",
            of(PROVIDERS, "what_litellm_does_not_know_is_refused"),
        ),
        part(
            "a provider that is taken away tells nothing",
            'return ""',
            of(PROVIDERS, "what_told_the_provider_and_is_taken_away_tells_it_no_more"),
        ),
        condition(
            "an address that is taken away may have told the provider",
            '("litellm_params", "api_base") in action.cleared',
            of(PROVIDERS, "what_told_the_provider_and_is_taken_away_tells_it_no_more"),
        ),
        expression(
            "a proxy that does not tell refuses nothing",
            "if known is None: return",
            of(PROVIDERS, "a_proxy_that_does_not_tell_refuses_nothing"),
            removed="known = known or ()",
        ),
        condition(
            "a provider that LiteLLM does not name may be its own",
            "mapped is False",
            of(PROVIDERS, "what_it_knows_goes_on", "a_proxy_that_cannot_say_of_a_model_refuses_nothing"),
            unknown="not mapped",
        ),
        condition(
            "a provider of the proxy's own configuration is named",
            'mapped and "/" in question',
            of(PROVIDERS, "a_provider_that_is_not_listed_and_mapped_is_a_warning", "a_provider_of_which_a_proxy_cannot_say_is_no_warning"),
            removed="False",
            without_a_provider="mapped",
            unknown='mapped is not False and "/" in question',
        ),
        expression(
            "what is served proves its provider",
            "{question for question in asked.values() if not _is_known(question, served)}",
            of(PROVIDERS, "what_is_served_is_no_question"),
            removed="set(asked.values())",
        ),
        condition(
            "what is saved and not served proves nothing", "not entry.get(SAVED_ONLY)", of(PROVIDERS, "what_is_served_is_no_question")
        ),
        condition(
            "an address that tells the provider proves nothing of what stands before the slash",
            'not _is_known_host(str(params.get("api_base") or ""))',
            of(PROVIDERS, "what_is_served_by_its_address_proves_no_provider"),
        ),
        condition(
            "an address may tell the provider",
            '_is_known_host(_parameter(action, entries, "api_base"))',
            of(PROVIDERS, "an_address_that_tells_the_provider_is_a_warning"),
        ),
        expression(
            "a host is known by its end after a dot",
            'host == known or host.endswith("." + known)',
            of(PROVIDERS, "hosts"),
            removed="known in host",
            no_dot="host.endswith(known)",
            below_only='host.endswith("." + known)',
        ),
        condition(
            "only a new or changed model is asked for",
            "action.kind in (CREATE, UPDATE) and tells",
            of(PROVIDERS, "only_a_model_that_is_new_or_changed_is_asked_for"),
            removed="action.kind in (CREATE, UPDATE)",
            create_alone="action.kind == CREATE and tells",
        ),
        expression(
            "another provider is a question",
            '{"litellm_model", "custom_llm_provider"}',
            of(PROVIDERS, "only_a_model_that_is_new_or_changed_is_asked_for"),
            removed='{"litellm_model"}',
        ),
        part(
            "the environment of the proxy knows the rest", "question.startswith(ENVIRONMENT_PREFIX)", of(PROVIDERS, "what_it_knows_goes_on")
        ),
    ),
    *in_file(
        "module_utils/_litellm/reading.py",
        expression(
            "DISAGREEING in names too",
            '(id_of(entry), entry["model_name"])',
            PROOF,
            removed="(id_of(entry), str(id_of(entry)))",
            inverted='("", entry["model_name"])',
        ),
        expression("a reading is unproven until it is proven", "proven: bool = False", PROOF, removed="proven: bool = True"),
        expression(
            "complete is proven and without a reason",
            "self.proven and not self.reasons",
            PROOF,
            removed="not self.reasons",
            inverted="self.proven and bool(self.reasons)",
            reasons_do_not_count="self.proven",
        ),
        expression(
            "who serves nothing is not believed to search",
            "self.total is not None and bool(self.deployments)",
            of(
                LITELLM,
                "a_proxy_that_cannot_search_its_database_is_asked_whether_it_has_one",
                "an_empty_proxy_is_asked_for_its_older_list_too",
            ),
            removed="self.total is not None",
            inverted="self.total is None or not self.deployments",
            whoever_serves="bool(self.deployments)",
        ),
        condition(
            "only LiteLLM's own words say that a model is not found",
            "any(words in error.message for words in _NOT_FOUND)",
            (*PROOF, *of(LITELLM, "an_id_is_looked_up_by_an_empty_patch")),
            removed="True",
            on_a_proxy_only="_NOT_FOUND[0] in error.message",
            in_a_database_only="_NOT_FOUND[1] in error.message",
        ),
    ),
    *in_file(
        "module_utils/_litellm/recreate.py",
        condition(
            "what LiteLLM's price list knows is not saved with a model that is made anew",
            "PRICE_LIST_ENTRY not in info",
            f"{DEPLOYMENTS}::TestReplace::test_making_it_anew_saves_nothing_of_the_price_list",
            removed="True",
        ),
        condition(
            "what LiteLLM cannot read is not saved anew without one of its secrets",
            "if missing: ...",
            of(UNREADABLE, "an_entry_that_lacks_a_secret_fails"),
            within="save_anew",
        ),
        expression(
            "the secrets of what LiteLLM cannot read are looked for",
            "differ.secrets_without_value(lost)",
            of(UNREADABLE, "an_entry_that_lacks_a_secret_fails"),
            masked="differ.secrets_without_value(())",
        ),
        condition(
            "a secret that was found unreadable is asked for",
            "info[hmac_key(name)] == UNREADABLE",
            of(UNREADABLE, "a_secret_that_was_found_unreadable_is_asked_for_until_the_entry_holds_it"),
            removed="False",
        ),
        part(
            "what is made anew has no announcement",
            "forgotten.add(WRITING_KEY)",
            f"{DEPLOYMENTS}::TestReplace::test_what_is_made_anew_has_no_announcement",
        ),
        condition(
            "what is cleared is forgotten", "key not in forgotten", f"{REPLACE}::test_free_parameters_of_this_collection_are_cleared"
        ),
    ),
    *in_file(
        "module_utils/_litellm/settle.py",
        condition(
            "a create is not done over a secret that it does not hold",
            "if missing: ...",
            of(UNREADABLE, "what_lies_under_the_id_of_a_create_is_written_over_only_with_all_secrets"),
            within="check_taken_over",
        ),
        part(
            "a foreseen price stands where LiteLLM copies it to",
            "prices",
            (f"{DEPLOYMENTS}::TestForesee::test_a_price_stands_where_litellm_copies_it_to",),
        ),
        condition(
            "an update that was never written leaves nothing to do",
            "is_unfinished(stored)",
            f"{DEPLOYMENTS}::{UNFINISHED}nothing_is_sent_again_after_an_update_that_was_never_written",
        ),
        expression(
            "only what was announced is sent again",
            "announced_params(entry) | announced_params(stored)",
            f"{DEPLOYMENTS}::{UNFINISHED}only_what_was_announced_is_sent_again",
            everything="{*shown_params(entry), *stored['litellm_params']}",
        ),
        part(
            "what a second refused update wrote is known",
            "announced_params(stored)",
            f"{DEPLOYMENTS}::{UNFINISHED}what_a_second_refused_update_wrote_is_sent_again_too",
        ),
        condition(
            "what LiteLLM never shows may have been there before",
            "name not in NEVER_SHOWN",
            f"{DEPLOYMENTS}::{UNFINISHED}a_key_that_is_not_shown_is_not_cleared",
        ),
        condition(
            "what is removed is awaited only where it was taken out",
            "not action.recreate",
            of(RECONCILE, "parameters_are_taken_out_with_the_update_where_litellm_does_that"),
        ),
        expression(
            "the fingerprint of a parameter that is taken out is forgotten",
            "names",
            of(RECONCILE, "parameters_are_taken_out_with_the_update_where_litellm_does_that"),
            within="settle_in_place",
            removed="[]",
        ),
    ),
    *in_file(
        "module_utils/_litellm/taken_over.py",
        condition(
            "a sentence on what LiteLLM serves with another value tells no secret",
            "secret",
            (f"{DEPLOYMENTS}::TestSavedAndNotServed::test_a_secret_of_any_name_is_not_told",),
            within="shown_otherwise",
        ),
    ),
    *in_file(
        "module_utils/_litellm/failures.py",
        condition(
            "a path that is not there is no model that is gone",
            "not answer.is_json or sentence.lower() in NO_SUCH_PATH",
            of(HTTP, "errors_are_sentences", "a_path_that_is_not_there_is_no_thing_that_is_not_found"),
            removed="False",
        ),
        condition("a redirect is an error", "status < 300", of(HTTP, "errors_are_sentences"), removed="status < 400"),
        expression(
            "what is not safe to repeat is not repeated",
            '("GET", "PATCH")',
            of(HTTP, "not_repeated", "repeated"),
            removed='("GET", "PATCH", "POST")',
            inverted='("POST",)',
        ),
        part("what may be repeated", "self.harmless or method in REPEATABLE", of(HTTP, "not_repeated", "repeated")),
        condition("what is final is not repeated", "not self.final", of(HTTP, "not_repeated", "repeated")),
        expression(
            "429 means that nothing was done",
            "harmless=status == 429",
            of(HTTP, "repeated", "not_repeated", "what_was_refused_before_it_was_done_is_not_in_doubt"),
            removed="harmless=False",
            inverted="harmless=status != 429",
            always="harmless=True",
        ),
        condition(
            "a refusal of one model is no failure of the proxy",
            "status != 500 or not answer.is_json",
            of(HTTP, "the_breaker_ends_the_calls", "refusals_of_single_models_do_not_open_the_breaker"),
            any_500="status != 500",
        ),
        part(
            "Retry-After is honoured",
            'retry_after(answer.headers.get("Retry-After"))',
            of(HTTP, "retry_after_is_honoured_up_to_a_limit"),
            inverted='None if retry_after(answer.headers.get("Retry-After")) else 1.0',
        ),
    ),
    *in_file(
        "module_utils/_litellm/session.py",
        condition(
            "an answer has a largest size",
            "self.length > LARGEST_ANSWER",
            of(HTTP, "an_answer_that_is_not_packed_has_a_largest_size_too", "an_answer_is_packed_as_was_asked_for"),
        ),
        condition(
            "an empty key is none",
            "if self._key: ...",
            of(HTTP, "another_address_is_asked_without_the_key"),
            within="_Bearer",
            removed="True",
        ),
        expression(
            "a .netrc entry does not replace the key",
            "session.auth = _Bearer(connection.key.value)",
            of(HTTP, "a_netrc_entry_does_not_replace_the_key"),
            removed='session.headers["Authorization"] = "Bearer " + connection.key.value',
            inverted="session.auth = None",
        ),
    ),
    *in_file(
        "module_utils/_litellm/transport.py",
        part("no redirect is followed", "allow_redirects=False", of(HTTP, "errors_are_sentences"), inverted="allow_redirects=True"),
        part(
            "an address that is only tried does not get the key",
            'key=dataclasses.replace(self.connection.key, value="")',
            of(HTTP, "another_address_is_asked_without_the_key"),
        ),
        expression(
            "a connection that was never made",
            "harmless=unmade",
            of(HTTP, "a_connection_that_was_never_made_is_tried_again_for_every_method", "not_repeated"),
            removed="harmless=False",
            inverted="harmless=not unmade",
            always="harmless=True",
        ),
        expression(
            "one doubtful try makes the request doubtful",
            "harmless and failed.harmless",
            of(HTTP, "what_was_refused_before_it_was_done_is_not_in_doubt"),
            removed="failed.harmless",
            inverted="harmless and not failed.harmless",
        ),
        condition("doubt is told", "not harmless", of(HTTP, "what_was_refused_before_it_was_done_is_not_in_doubt"), removed="False"),
        expression(
            "one try takes no longer than its time",
            "Background(send).result(connection.timeout + GRACE)",
            of(HTTP, "a_server_that_drips_is_out_of_time"),
            removed="send()",
            inverted="Background(send).result(60 / connection.timeout)",
        ),
        part("the breaker is asked", "self._breaker.check()", of(HTTP, "the_breaker_ends_the_calls"), inverted="self._breaker.success()"),
        condition(
            "the breaker counts failures",
            "failed.counts",
            of(HTTP, "the_breaker_ends_the_calls", "refusals_of_single_models_do_not_open_the_breaker"),
            removed="True",
            never="False",
        ),
        part(
            "a refusal closes the breaker",
            "self._breaker.success(); raise",
            of(HTTP, "a_refusal_closes_the_breaker"),
            inverted="self._breaker.failure()",
        ),
        part(
            "an answer closes the breaker",
            "self._breaker.success(); return result",
            of(HTTP, "a_try_that_works_closes_the_breaker"),
            inverted="self._breaker.failure()",
        ),
        condition(
            "certificates are checked",
            "connection.verify",
            of(TLS, "an_unknown_authority_is_refused_with_what_to_do"),
            within="_send.send",
            removed="False",
        ),
    ),
]
