# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Whoever uses the role is told its variables, never the options of a module."""

from __future__ import annotations

import ast
import re
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._common import words
from ansible_collections.litemaas.models.plugins.module_utils._run import runner
from ansible_collections.litemaas.models.plugins.module_utils._run.argspec import model_options
from ansible_collections.litemaas.models.plugins.modules import litellm_model, litemaas_model_sync, litemaas_orphan_cleanup
from ansible_collections.litemaas.models.plugins.plugin_utils._role import OLDER_NAMES, PREFIX, options
from tests.support.modules import run_module

PLUGINS = Path(words.__file__).resolve().parents[2]
MODULES = (litellm_model, litemaas_model_sync, litemaas_orphan_cleanup)
OPTIONS = {name for module in MODULES for name in module.argument_spec().options} - set(model_options())
# Options whose names are words of other sentences, too: an option where a person is to give it, or has.
AMBIGUOUS = {name for name in OPTIONS if "_" not in name}
SURE = "|".join(sorted(OPTIONS - AMBIGUOUS))
MAYBE = "|".join(sorted(AMBIGUOUS))
OPTION = re.compile(
    rf"(?<![\w.])({SURE})(?!\w)|(?:[Gg]ive|[Ss]et|[Rr]aise) ({MAYBE})\b(?!\w)"
    rf"|(?<!\w)({MAYBE})(?:: (?:true|false)|\.(?!core|stream)\w| must be)"
)
NO_SENTENCES = ("DOCUMENTATION", "EXAMPLES", "RETURN")


def _sentences() -> Iterator[tuple[str, str]]:
    """Yield each text in the plugins that may be a sentence, with its place."""
    for path in [*(PLUGINS / "module_utils").rglob("*.py"), *(PLUGINS / "modules").glob("*.py")]:
        if path.name == "words.py":
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assigned = [node for node in ast.walk(tree) if isinstance(node, ast.Assign) and ast.unparse(node.targets[0]) in NO_SENTENCES]
        other = {id(node.value) for node in [*assigned, *(one for one in ast.walk(tree) if isinstance(one, ast.Expr))]}
        for node in ast.walk(tree):
            if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in other and " " in node.value.strip():
                yield f"{path.name}:{node.lineno}", node.value


def test_each_option_in_a_sentence_is_a_variable_of_the_role() -> None:
    variables = {*options(), *(name for names in OLDER_NAMES.values() for name in names)}
    seen, wrong = 0, []
    for place, text in _sentences():
        if not OPTION.search(text):
            continue
        seen += 1
        told = words.in_our_words(text)
        names = [next(filter(None, found)) for found in OPTION.findall(told)]
        wrong += [f"{place}: {name} in {told!r}" for name in names if name not in variables]
        wrong += [f"{place}: {name} in {told!r}" for name in re.findall(rf"(?<!\w){PREFIX}[a-z_]+", told) if name not in variables]
    assert seen > 40
    assert not wrong, "\n".join(wrong)


@pytest.mark.parametrize(
    ("sentence", "ours"),
    [
        (
            "more than max_count 0 (force: true lifts this)",
            "more than litemaas_models_max_count 0 (litemaas_models_force: true lifts this)",
        ),
        ("Check database_url", "Check litemaas_models_database_url"),
        ("give litellm_database_url", "give litemaas_models_litellm_database_url"),
        ("litemaas_models_max_percent", "litemaas_models_max_percent"),
        ("set duplicates to collapse", "set litemaas_models_duplicates to collapse"),
        ("kubernetes.validate_certs", "litemaas_models_kubernetes.validate_certs"),
        ("the collection kubernetes.core", "the collection kubernetes.core"),
        ("(validate_certs is false)", "(litemaas_models_verify_ssl is false)"),
        ("restore: true restores", "litemaas_models_restore: true restores"),
        ("or set namespace to have it discovered", "or set litemaas_models_namespace to have it discovered"),
    ],
)
def test_the_roles_words(sentence: str, ours: str) -> None:
    assert words.in_our_words(sentence) == ours
    assert words.in_our_words(ours) == ours


@pytest.mark.parametrize(
    ("sentence", "ours"),
    [
        ("check litellm_database_url", "check LITELLM_DATABASE_URL"),
        ("Check the host in database_url", "Check the host in litemaas_models_database_url"),
        ("is litellm_url the right proxy", "is LITELLM_API_URL the right proxy"),
        # Who is asked for it has not given it, or is to give another one.
        ("give litellm_database_url", "give litemaas_models_litellm_database_url"),
    ],
)
def test_what_the_environment_gave_is_named_as_it_is_called_there(sentence: str, ours: str) -> None:
    role = "litemaas_models litellm_database_url=LITELLM_DATABASE_URL litellm_url=LITELLM_API_URL"
    assert words.Words(words.given_by(role)).of(sentence) == ours


@pytest.mark.parametrize("by_role", [True, False])
def test_every_sentence_of_a_result_is_in_the_words_of_who_asked(monkeypatch: pytest.MonkeyPatch, by_role: bool) -> None:
    class Says(runner.Steps):
        def report(self, outcome: Any) -> dict[str, Any]:
            self.run.warn("give database_url")
            self.run.log("give database_url")
            return {
                "failed": True, "msg": "max_count", "failure": {"message": "force: true", "details": {"reasons": [{"message": "ca_path"}]}},
                "models": [{"model_name": "ca_path", "action": "skipped", "reason": "give database_url"}], "errors": ["max_percent"],
                "not_restored": ["restore: true"],
            }  # fmt: skip

    if by_role:
        monkeypatch.setenv(words.ROLE_VARIABLE, "litemaas_models")
    else:
        monkeypatch.delenv(words.ROLE_VARIABLE, raising=False)
    monkeypatch.setattr(litellm_model, "LitellmModel", Says)
    answer = run_module(litellm_model.main, {"litellm_url": "http://127.0.0.1:9", "litellm_api_key": "demo-key-not-real", "models": []})
    prefix = PREFIX if by_role else ""
    assert [str(warning) for warning in answer["warnings"] if f"give {prefix}database_url" in str(warning)], answer["warnings"]
    assert answer["log"] == [f"give {prefix}database_url"]
    assert answer["msg"] == f"{prefix}max_count"
    assert answer["failure"] == {"message": f"{prefix}force: true", "details": {"reasons": [{"message": f"{prefix}ca_path"}]}}
    assert answer["models"] == [{"model_name": "ca_path", "action": "skipped", "reason": f"give {prefix}database_url"}]
    assert (answer["errors"], answer["not_restored"]) == ([f"{prefix}max_percent"], [f"{prefix}restore: true"])
