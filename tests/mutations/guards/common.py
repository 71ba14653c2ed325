# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Guards of what all packages use: specs, fields, secrets."""

from __future__ import annotations

from tests.mutations.mutants import condition, expression, in_file, in_string, part
from tests.mutations.suites import CREATE, FINGERPRINTS, LITELLM, MISPLACED, MODEL_INFO, POSTGRES, REDACT, SPECS, UNREADABLE, of

GUARDS = [
    *in_file(
        "module_utils/_common/environment.py",
        part(
            "a misspelt last letter is a misspelt parameter",
            "series=False",
            of(POSTGRES, "a_misspelt_parameter_is_not_left_out_without_a_word"),
        ),
        condition(
            "less of a likeness will do for TLS",
            "name.lower().startswith(_OF_TLS)",
            of(POSTGRES, "a_misspelt_parameter_is_not_left_out_without_a_word"),
        ),
    ),
    *in_file(
        "module_utils/_common/fingerprints.py",
        expression("the HMAC is keyed", "admin_key.encode()", FINGERPRINTS, removed='b""', inverted="text.encode()"),
        condition(
            "a changed secret ends what other admin keys know",
            "contradicted or old_check != check",
            FINGERPRINTS,
            inverted="contradicted or old_check == check",
            contradicted="old_check != check",
        ),
        part(
            "a fingerprint is of the normal form",
            "value = json_structure(value)",
            of(FINGERPRINTS, "a_structure_and_its_texts_are_the_same_secret"),
        ),
        part("a structure has one text", "sort_keys=True", of(FINGERPRINTS, "a_structure_and_its_texts_are_the_same_secret")),
        expression(
            "the check belongs to the parameter and the model",
            '"\\0".join((model_id, name, normal_form(value)))',
            of(FINGERPRINTS, "the_check_belongs_to_one_parameter_of_one_model"),
            removed="normal_form(value)",
            no_model='"\\0".join((name, normal_form(value)))',
            no_name='"\\0".join((model_id, normal_form(value)))',
        ),
        expression(
            "the check is too short to tell the secret",
            'hashlib.sha256("\\0".join((model_id, name, normal_form(value))).encode()).hexdigest()[:3]',
            of(FINGERPRINTS, "it_is_short_and_says_nothing_of_the_secret"),
            removed='hashlib.sha256("\\0".join((model_id, name, normal_form(value))).encode()).hexdigest()',
        ),
        expression(
            "so many admin keys are remembered, and no more",
            "others[1 - MOST_KEYS :]",
            of(FINGERPRINTS, "cases", "it_is_short_and_says_nothing_of_the_secret"),
            removed="others",
            none="others[:0]",
        ),
        expression("what cannot be read is nobody's knowledge", "_KEPT.fullmatch", of(FINGERPRINTS, "cases"), removed="_KEPT.match"),
        expression(
            "a forgotten fingerprint is none",
            "of_hmac(key)",
            of(LITELLM, "a_forgotten_fingerprint_is_not_there"),
            removed="False",
            any_key="True",
        ),
    ),
    *in_file(
        "module_utils/_common/model_info.py",
        condition(
            "names of model_info by how they begin",
            "name in _NAMES or name.startswith(_PREFIXES)",
            (*MISPLACED, *of(MODEL_INFO, "what_is_a_parameter_stays_one")),
            removed="name in _NAMES",
            no_names="name.startswith(_PREFIXES)",
        ),
        condition("max_tokens is a parameter, too", 'name == "max_tokens"', of(MODEL_INFO, "what_is_a_parameter_stays_one")),
        condition("our own keys are nobody's extra_info", 'name.startswith("litemaas_")', MISPLACED),
        condition("what LiteLLM keeps itself is nobody's extra_info", "name in _OF_LITELLM", MISPLACED),
        condition("an option is no extra_info", "if option: ...", MISPLACED),
        condition(
            "a price is no extra_info",
            "name not in _COSTS",
            (*MISPLACED, *of(MODEL_INFO, "what_may_stand_there")),
            removed="False",
            of_no_exception="True",
        ),
        expression(
            "a truth value in extra_info is one", "to_bool(value)", of(MODEL_INFO, "what_may_stand_there", "wrong_values"), removed="value"
        ),
    ),
    *in_file(
        "module_utils/_common/masks.py",
        condition("what is masked", '"****" in value', of(REDACT, "masked"), removed="False"),
        condition(
            "a text with stars of its own is shown as itself",
            'set(shown[before : len(shown) - after]) == {"*"}',
            of(REDACT, "what_is_shown_of_a_value_whose_name_looks_like_a_secrets", "what_is_shown_of_another_value"),
        ),
    ),
    *in_file(
        "module_utils/_common/redact.py",
        condition(
            "a secret is found where it is written otherwise",
            "self._secrets and _ESCAPED.search(text)",
            of(REDACT, "a_secret_is_found_however_it_is_written"),
        ),
        expression(
            "a secret is found by how it begins",
            "[secret for start in starts if start in self._by_start for secret in self._by_start[start] if secret in text]",
            of(REDACT, "many_secrets_are_found_as_few_are"),
            removed="[secret for start in starts if False for secret in self._by_start[start] if secret in text]",
            inverted="[secret for start in starts if start in self._by_start for secret in self._by_start[start] if secret not in text]",
        ),
        condition("short texts are no secrets", "len(text) >= SHORTEST_SECRET", of(REDACT, "short_texts_are_no_secrets", "texts")),
        condition(
            "a secret of digits only is a whole word", "secret.isdigit()", of(REDACT, "names_stay_readable"), within="secret_pattern"
        ),
        part("a name with a secret in it stays readable", "self._kept.add(word)", of(REDACT, "names_stay_readable")),
        condition(
            "a name that is a real key does not stay",
            "all(len(secret) < LONGEST_WORD for secret in found)",
            of(REDACT, "names_stay_readable"),
        ),
        part("words of results stay readable", "RESULT_WORDS", of(REDACT, "names_stay_readable")),
        expression(
            "a kept name is kept as a whole word only",
            r'rf"(?P<kept{number}>(?<!\w){re.escape(word)}(?!\w))"',
            of(REDACT, "names_stay_readable"),
            removed=r'rf"(?P<kept{number}>{re.escape(word)})"',
        ),
    ),
    *in_file(
        "module_utils/_common/secret_names.py",
        condition(
            "limits and switches under a name like a secret's are none",
            "ends_so and words[-1] not in _SWITCH_ENDS and words[0] not in _SWITCH_SEGMENTS",
            of(SPECS, "numbers_and_switches_that_are_no_secrets"),
            removed="True",
            anywhere="words[-1] not in _SWITCH_ENDS and words[0] not in _SWITCH_SEGMENTS",
            ends_only="ends_so and words[-1] not in _SWITCH_ENDS",
        ),
        expression(
            "a parameter is a secret by its name",
            "_is_secret_word(word) or word in _MASKED_WORDS",
            of(REDACT, "names_of_secrets"),
            removed="False",
            inverted="not _is_secret_word(word)",
            no_masked="_is_secret_word(word)",
        ),
        condition(
            "a word counts as a secret's at the end of a name",
            "not _LAST_WORDS.isdisjoint(words[-1:])",
            of(REDACT, "names_of_secrets"),
            anywhere="not _LAST_WORDS.isdisjoint(words)",
        ),
        condition("numbers at the end of a name do not count", "words and words[-1].isdigit()", of(REDACT, "names_of_secrets")),
        expression(
            "what is written without a break is told by its end",
            "word in _SECRET_WORDS or _WITHOUT_A_BREAK.fullmatch(word) is not None",
            of(REDACT, "names_of_secrets"),
            removed="word in _SECRET_WORDS",
            anywhere="any(known in word for known in _SECRET_WORDS)",
        ),
        expression(
            "in an address the end tells",
            "_SECRET_IN_ADDRESS.search(unquote(name))",
            of(REDACT, "names_of_secrets"),
            as_written="_SECRET_IN_ADDRESS.search(name)",
            whole="_SECRET_IN_ADDRESS.fullmatch(unquote(name))",
        ),
        condition("a price is no secret", "not _PRICE_SEGMENTS.isdisjoint(words)", of(REDACT, "parameters")),
        condition(
            "a name of a credential is no secret",
            "name.lower() in _NO_SECRETS or tuple(words[-2:]) in _NO_SECRET_PAIRS or not _PRICE_SEGMENTS.isdisjoint(words)",
            of(REDACT, "parameters", "names_of_secrets"),
            removed="not _PRICE_SEGMENTS.isdisjoint(words)",
            pairs_alone="tuple(words[-2:]) in _NO_SECRET_PAIRS or not _PRICE_SEGMENTS.isdisjoint(words)",
            list_alone="name.lower() in _NO_SECRETS or not _PRICE_SEGMENTS.isdisjoint(words)",
        ),
        expression(
            "what says something about a secret is none",
            "_ABOUT_SECRETS.isdisjoint(words[-1:])",
            of(REDACT, "names_of_secrets"),
            removed="True",
            anywhere="_ABOUT_SECRETS.isdisjoint(words)",
        ),
        expression(
            "the id of a key is half of a login",
            "_SECRET_WITH_ID.isdisjoint(words)",
            of(REDACT, "names_of_secrets"),
            removed="True",
            never="False",
        ),
        expression(
            "a limit is no secret, and a number may be one",
            "_MEASURE_SEGMENTS.intersection(segment.lower() for segment in _SEGMENTS.findall(name))",
            of(REDACT, "parameters"),
            removed="False",
            never="True",
        ),
    ),
    *in_file(
        "module_utils/_common/secrets_in_data.py",
        part(
            "JSON that is given as text is read",
            "value = json_structure(value) if not is_secret(name, value) else value",
            of(REDACT, "parameters"),
        ),
        expression(
            "names in a structure of secrets hide nothing",
            "_names_a_pair(key, structure)",
            of(REDACT, "leaves_of_a_structure_that_are_secrets"),
            removed="False",
        ),
        condition(
            "a secret of digits only is hidden",
            "value is not None and not isinstance(value, bool)",
            of(REDACT, "digits_are_secrets"),
            removed="isinstance(value, str) and not value.isdigit()",
            texts_alone="isinstance(value, str)",
        ),
    ),
    *in_file(
        "module_utils/_common/secrets_in_text.py",
        part(
            "a password in an address is hidden",
            'text = _URL_PASSWORD.sub(r"\\1:" + HIDDEN + "@", text)',
            of(REDACT, "texts"),
            inverted='text = _URL_PASSWORD.sub(r"\\1:\\2@" + HIDDEN, text)',
        ),
        part("a token in the place of a user is hidden", 'text = _URL_TOKEN.sub(r"\\1" + HIDDEN + "@", text)', of(REDACT, "texts")),
        expression(
            "what looks like a key is hidden",
            "_KEY_SHAPED.sub(lambda found: found.group() if is_placeholder(found.group()) else HIDDEN, text)",
            of(REDACT, "texts", "placeholders_are_no_secrets"),
            removed="text",
            placeholders="_KEY_SHAPED.sub(HIDDEN, text)",
        ),
        expression(
            "placeholders are no secrets",
            "text.strip().lower() in PLACEHOLDERS or _ALL_X.fullmatch(text.strip()) is not None",
            of(REDACT, "placeholders_are_no_secrets"),
            removed="False",
            words_alone="text.strip().lower() in PLACEHOLDERS",
            as_written="text.strip() in PLACEHOLDERS or _ALL_X.fullmatch(text.strip()) is not None",
        ),
        part("a key in an address is hidden", "text = _QUERY_PARAMETER.sub(_shown_in_address, text)", of(REDACT, "texts")),
        expression(
            "a text is looked through where it may hold an address",
            '("://" in text and "@" in text) or ("=" in text and any(True for _secret in _keys_in_address(text)))',
            of(REDACT, "texts", "few_texts_are_looked_through"),
            removed="False",
            no_query='"://" in text and "@" in text',
            no_password='"=" in text and any(True for _secret in _keys_in_address(text))',
            all_of_them='"://" in text or "=" in text',
        ),
        expression(
            "the secrets of an address are known as secrets",
            "url_password(url) + [form for secret in (*tokens, *_keys_in_address(url)) for form in (secret, unquote(secret))]",
            of(REDACT, "secrets_of_an_address"),
            removed="[]",
            no_query="url_password(url)",
            no_password="[form for secret in (*tokens, *_keys_in_address(url)) for form in (secret, unquote(secret))]",
            as_written="url_password(url) + [*tokens, *_keys_in_address(url)]",
        ),
    ),
    *in_file(
        "module_utils/_common/duplicate_entries.py",
        condition(
            "entries that contradict each other both fail",
            "len(positions) == 1",
            of(SPECS, "collisions_fail_with_both_positions_and_stop_nothing_else"),
            removed="True",
        ),
    ),
    *in_file(
        "module_utils/_common/free_parameters.py",
        condition(
            "what LiteLLM cannot list is refused",
            "any(_is_endless(member, texts=declared and member is value) for member in (value, *_members(value)))",
            of(SPECS, "what_litellm_bends_is_refused", "a_text_that_is_no_number_to_litellm_may_say_anything"),
            outermost="_is_endless(value, texts=declared)",
            any_text="any(_is_endless(member, texts=True) for member in (value, *_members(value)))",
        ),
        condition(
            "what LiteLLM would store in the clear is sent as a text",
            "name not in STRUCTURES",
            of(SPECS, "secrets_that_are_no_texts_are_sent_as_one"),
            never="False",
        ),
        condition(
            "texts among free parameters that tell a backend",
            "parameter in BACKEND_PARAMETERS",
            of(SPECS, "a_part_of_the_backend_that_yaml_took_for_a_number"),
        ),
        condition("what belongs to model_info is refused among parameters", "if place: ...", MISPLACED),
        condition(
            "a parameter is given once",
            "given[option] not in (None, read)",
            of(SPECS, "what_stood_in_extra_params_before_it_had_an_option"),
        ),
        condition(
            "an option is no free parameter",
            "option and (option in spec.options or not BY_OPTION[option].free)",
            of(SPECS, "a_named_option_does_not_hide_in_extra_params"),
        ),
    ),
    *in_file(
        "module_utils/_common/spec_checks.py",
        condition("masked input is refused", "if masked: ...", of(SPECS, "a_masked_secret_is_refused_and_not_repeated")),
        condition(
            "a model without any way to sign in is refused",
            "spec.provider not in KEYLESS and not spec.without_key and not _signs_in(spec)",
            CREATE,
            everybody="not spec.without_key and not _signs_in(spec)",
            no_word="spec.provider not in KEYLESS and not _signs_in(spec)",
            key_alone='spec.provider not in KEYLESS and not spec.without_key and "api_key" not in spec.options',
        ),
        condition(
            "secrets and credentials sign in",
            '"api_key" in spec.options or spec.secret_params or _uses_credential(spec)',
            CREATE,
            removed='"api_key" in spec.options',
            no_secrets='"api_key" in spec.options or _uses_credential(spec)',
            no_credential='"api_key" in spec.options or spec.secret_params',
        ),
        expression(
            "an empty text signs nobody in",
            "{name: value for name, value in spec.extra_params.items() if value}",
            CREATE,
            removed="spec.extra_params",
        ),
        condition("names that sign in", "any(name in given for name in SIGN_IN)", CREATE),
        condition(
            "a secret among free parameters signs in",
            "any(True for name, value in given.items() for _secret in secrets_in(name, value))",
            CREATE,
            whatever="bool(given)",
        ),
        condition(
            "a provider without an address of its own needs one",
            "not _uses_credential(spec)",
            CREATE,
            removed="False",
            no_credential="True",
        ),
        part("a provider with an address of its own needs none", "spec.provider in SELF_HOSTED", CREATE),
    ),
    *in_file(
        "module_utils/_common/spec_secrets.py",
        part(
            "what lies in the clear is told",
            "places",
            of(SPECS, "secrets_that_litellm_cannot_encrypt_are_found"),
            within="stored_in_the_clear",
        ),
        part(
            "the secrets in the address of a model are known",
            'address_secrets(entry.get("api_base"))',
            of(SPECS, "secrets_are_known_before_an_entry_is_read"),
        ),
        part(
            "the secrets of addresses among free parameters are known",
            "found += [secret for text in texts_in(extra) for secret in address_secrets(text)]",
            of(SPECS, "secrets_are_known_before_an_entry_is_read"),
        ),
    ),
    *in_file(
        "module_utils/_common/specs.py",
        part(
            "what YAML made of a text is that model's failure",
            "for reason in made_by_yaml(source, given[source] or {}): faults.add(reason)",
            of(SPECS, "what_yaml_made_of_texts_is_the_failure_of_its_entry"),
        ),
        condition(
            "no key is said by false",
            'str(entry.get("api_key")).lower() == "false"',
            CREATE,
            removed="False",
            text_alone='entry.get("api_key") == "false"',
        ),
    ),
    *in_file(
        "module_utils/_common/values.py",
        condition(
            "a text that YAML took for something else is refused",
            'kind == "str"',
            of(SPECS, "a_text_that_yaml_took_for_something_else", "a_key_that_yaml_took_for_a_number_is_not_shown"),
            but_no_secret='kind == "str" and not (field and field.secret)',
        ),
        condition(
            "texts within a list", 'kind == "list"', of(SPECS, "a_text_in_a_list_that_yaml_took_for_something_else"), removed="False"
        ),
    ),
    *in_file(
        "module_utils/_common/yaml_texts.py",
        condition(
            "a secret that YAML took for a number is refused",
            'made and (secret or lacks_quotes(place.rpartition(".")[2], value))',
            of(SPECS, "a_secret_that_yaml_took_for_something_else", "numbers_and_switches_that_are_no_secrets"),
            by_name_only='made and lacks_quotes(place.rpartition(".")[2], value)',
            any_number="made",
        ),
        condition(
            "numbers in what is sent as JSON text stay", "not secret", of(SPECS, "numbers_and_switches_that_are_no_secrets"), removed="True"
        ),
        condition(
            "all that is in secret headers is a text",
            'place.partition(".")[0] in HEADERS',
            of(SPECS, "a_secret_that_yaml_took_for_something_else"),
            removed="False",
            any_structure="True",
        ),
        expression(
            "true and false are no texts", "str(value).lower()", of(SPECS, "a_text_that_yaml_took_for_something_else"), removed="None"
        ),
        condition(
            "a number that was a key is not shown",
            "secret",
            of(SPECS, "a_key_that_yaml_took_for_a_number_is_not_shown"),
            within="made_of_text",
        ),
    ),
    *in_file(
        "module_utils/_common/unreadable.py",
        condition(
            "a token of a provider is not taken for what LiteLLM cannot read",
            "not any(looks_encrypted(params.get(name)) for name in TELLING)",
            of(UNREADABLE, "what_cannot_be_read"),
        ),
        in_string("a checksum is not taken for an encrypted text", "(?=.*[a-z])(?=.*[A-Z])(?=.*[0-9])", of(UNREADABLE, "other_values")),
    ),
]
