# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What is kept beside a secret: who knows it, who has to send it, what is left of the entries of others."""

from __future__ import annotations

import json

import hypothesis
import pytest
from hypothesis import strategies as st

from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import (
    MOST_KEYS,
    hmac_of,
    is_known,
    kept_with,
    normal_form,
)

# These two have different checks.
OLD = "old-not-real"
NEW = "new-not-real"
STRUCTURE = {"private_key": "a\nb", "type": "service_account"}


def kept(*writes):
    """What is kept after runs with these admin keys sent these values."""
    text = None
    for admin_key, value in writes:
        text = kept_with(text, admin_key, "id", "api_key", value)
    return text


def test_it_is_keyed():
    assert hmac_of("A", "text") != hmac_of("B", "text")
    assert hmac_of("A", "text") != hmac_of("A", "other")


def alone(admin_key, value):
    """What earlier versions kept."""
    return hmac_of(admin_key, "api_key\0" + value)


# what is kept, who runs with which value, is it known, whose entries are there after this run sent it
CASES = [
    ("nothing there", None, ("A", OLD), False, "A"),
    ("the same run again", kept(("A", OLD)), ("A", OLD), True, "A"),
    ("a changed secret", kept(("A", OLD)), ("A", NEW), False, "A"),
    ("another admin key, the same secret", kept(("A", OLD)), ("B", OLD), False, "AB"),
    ("both know it: the first", kept(("A", OLD), ("B", OLD)), ("A", OLD), True, "BA"),
    ("both know it: the second", kept(("A", OLD), ("B", OLD)), ("B", OLD), True, "AB"),
    ("another admin key, another secret", kept(("A", OLD)), ("B", NEW), False, "B"),
    ("both knew it, the second changes it", kept(("A", OLD), ("B", OLD)), ("B", NEW), False, "B"),
    ("the first after that", kept(("A", OLD), ("B", OLD), ("B", NEW)), ("A", NEW), False, "BA"),
    ("the first, who has the old one still", kept(("A", OLD), ("B", OLD), ("B", NEW)), ("A", OLD), False, "A"),
    ("a fifth admin key", kept(*[(key, OLD) for key in "ABCD"]), ("E", OLD), False, "BCDE"),
    ("the one that was left out", kept(*[(key, OLD) for key in "ABCDE"]), ("A", OLD), False, "CDEA"),
    ("of an earlier version, known", alone("A", OLD), ("A", OLD), True, "A"),
    ("of an earlier version, changed", alone("A", OLD), ("A", NEW), False, "A"),
    ("of an earlier version, another admin key", alone("A", OLD), ("B", OLD), False, "B"),
    ("nothing that can be read", "zzz", ("A", OLD), False, "A"),
    ("no text", {"a": 1}, ("A", OLD), False, "A"),
    ("something behind it", kept(("A", OLD)) + " zzz", ("A", OLD), False, "A"),
    ("cut off", kept(("A", OLD))[:-1], ("A", OLD), False, "A"),
]


@pytest.mark.parametrize(("before", "run", "known", "after"), [case[1:] for case in CASES], ids=[case[0] for case in CASES])
def test_cases(before, run, known, after):
    admin_key, value = run
    assert is_known(before, admin_key, "api_key", value) is known
    text = kept_with(before, admin_key, "id", "api_key", value)
    assert text.split(" ")[1:] == [entry for owner in after for entry in kept((owner, value)).split(" ")[1:]]
    assert [is_known(text, owner, "api_key", value) for owner in after] == [True] * len(after)


def test_it_is_short_and_says_nothing_of_the_secret():
    text = kept(*[(key, OLD) for key in "ABCDEF"])
    check, *entries = text.split(" ")
    assert len(check) == 3
    assert [len(entry) for entry in entries] == [6 + 1 + 64] * MOST_KEYS
    assert OLD not in text


def test_the_check_belongs_to_one_parameter_of_one_model():
    checks = {kept_with(None, "A", model_id, name, OLD)[:3] for model_id in ("1", "2") for name in ("api_key", "token")}
    assert len(checks) == 4


def test_a_changed_secret_whose_check_is_that_of_the_old_one_ends_the_other_entries():
    """The check is short: one in 4,096 fits by chance. The own entry knows better."""
    same = next(text for text in map(str, range(100000)) if kept(("A", text))[:3] == kept(("A", OLD))[:3])
    text = kept(("A", OLD), ("B", OLD), ("B", same))
    assert is_known(text, "B", "api_key", same)
    assert not is_known(text, "A", "api_key", OLD)


FORMS = [
    STRUCTURE,
    json.dumps(STRUCTURE),
    json.dumps(STRUCTURE, indent=2) + "\n",
    json.dumps(dict(reversed(STRUCTURE.items())), separators=(",", ":")),
]


@pytest.mark.parametrize("form", FORMS, ids=str)
def test_a_structure_and_its_texts_are_the_same_secret(form):
    assert is_known(kept(("A", FORMS[0])), "A", "api_key", form)
    assert kept(("A", form)) == kept(("A", FORMS[0]))


@pytest.mark.parametrize("text", ["{", "[1, 2", "{not: json}", "[" * 100000, "5", '"text"', "null", " spaced "])
def test_other_texts_are_compared_as_they_are(text):
    assert normal_form(text) == text


@hypothesis.given(st.lists(st.tuples(st.sampled_from("ABC"), st.sampled_from([OLD, NEW])), max_size=8))
def test_whoever_runs_nobody_takes_another_secret_for_the_own_one(runs):
    text, there = None, None
    for admin_key, value in runs:
        if not is_known(text, admin_key, "api_key", value):
            text, there = kept_with(text, admin_key, "id", "api_key", value), value
        assert there == value
