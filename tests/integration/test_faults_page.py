# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""docs/faults.md says what the table of the tests says, and each of its rows has a test."""

from __future__ import annotations

import ast
import re
from pathlib import Path

import pytest

from ansible_collections.litemaas.models.plugins.module_utils._litellm import reading
from ansible_collections.litemaas.models.plugins.module_utils._proof import completeness
from tests.integration import faults, test_faults_litellm, test_faults_postgres

pytestmark = pytest.mark.any_litellm

HERE = Path(__file__).resolve().parent
# Whose sentences are those of a doubt.
DOUBTING = [Path(completeness.__file__), Path(reading.__file__)]
PAGE = HERE.parents[1] / "docs" / "faults.md"
ROWS = [row for rows in faults.SECTIONS.values() for row in rows]


def test_the_page_has_the_tables() -> None:
    page = PAGE.read_text(encoding="utf-8")
    assert page.partition("\n## ")[0].startswith("# ")
    assert "## " + page.partition("\n## ")[2] == faults.page_tables(), "write faults.page_tables() into docs/faults.md"


@pytest.mark.parametrize("row", ROWS, ids=[row.key for row in ROWS])
def test_each_row_has_a_test(row: faults.Row) -> None:
    name, _colons, function = row.test.partition("::")
    assert f"def {function}(" in (HERE / name).read_text(encoding="utf-8")


def test_each_fault_that_is_injected_has_a_row() -> None:
    keys = [row.key for row in ROWS]
    assert len(keys) == len(set(keys))
    matrices = {
        row.key for row in ROWS if row.test.endswith(("::test_every_fault_at_every_request", "::test_every_fault_at_every_statement"))
    }
    assert matrices - {"doubt"} == {*test_faults_litellm.INJECTED, *test_faults_postgres.INJECTED}


def test_each_doubt_about_an_answer_has_a_row_with_its_words() -> None:
    """A row's key is the code of the reason; its words are those in the code, whatever stands for REASON, NAME and NUMBER."""
    trees = [ast.parse(path.read_text(encoding="utf-8")) for path in DOUBTING]
    messages = [message for tree in trees for node in ast.walk(tree) for message in _message(node)]
    assert {row.key for row in faults.DOUBTS} == set(completeness.CODES)
    for row in faults.DOUBTS:
        assert any(row.explains(message) for message in messages), row.key


def _message(node: ast.AST) -> list[str]:
    """Return the text that a node is, with something in each of its places."""
    if isinstance(node, ast.JoinedStr):
        return ["".join(str(part.value) if isinstance(part, ast.Constant) else "something" for part in node.values)]
    if isinstance(node, ast.Constant) and isinstance(node.value, str):
        return [re.sub(r"\{\d\}", "something", node.value)]
    return []


def test_a_sentence_is_found_in_a_message() -> None:
    row = faults.Row("key", "", "`Cannot connect to database NAME: REASON` or `it broke`", "", "")
    assert row.explains('Task failed: Cannot connect to database "x" at y: refused')
    assert row.explains("then it broke")
    assert not row.explains("Cannot connect to the database")
