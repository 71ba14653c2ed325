# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Variables count by being there, keep their types, and are named where they cannot be resolved."""

from __future__ import annotations

import collections
import datetime
import math

import pytest

from ansible_collections.litemaas.models.plugins.plugin_utils._variables import Unresolved, Variables, plain
from tests.support.variables import host


def variables(text="", defaults=None, **given):
    templar, found = host(text, **given)
    return Variables(templar, found, defaults)


def test_presence_counts_and_no_value():
    found = variables("nothing:\n", defaults={"own": "{{ other }}"}, empty="", false=False, undefined="{{ gone }}", own="{{ other }}")
    given = {name: found.is_given(name) for name in ("nothing", "empty", "false", "undefined", "own", "nowhere")}
    assert given == {"nothing": False, "empty": True, "false": True, "undefined": True, "own": False, "nowhere": False}
    assert variables(defaults={"own": "{{ other }}"}, own="{{ another }}").is_given("own")


TYPES = """
number: 4
shared: {since: 2024-06-01, shares: [1, 2.5]}
words: '{"a": 1}'
v:
  date: 2024-06-01
  time: 2024-06-01 10:20:30
  infinite: .inf
  octal: 0777
  named: '{{ number }}'
  computed: '{{ 2 * 30 }}'
  constant: '{{ 5 }}'
  truth: '{{ number > 3 }}'
  joined: 'x{{ number }}'
  written: '{"a": 1}'
  text: '{{ words }}'
  list: '{{ [1, "1", none, true] }}'
  deep: '{{ shared }}'
  numbers: ['{{ number }}', '4']
  no_number: .nan
"""


def test_types_are_kept():
    value = variables(TYPES).value("v")
    assert math.isnan(value.pop("no_number"))
    assert value == {
        "date": datetime.date(2024, 6, 1),
        "time": datetime.datetime(2024, 6, 1, 10, 20, 30),
        "infinite": math.inf,
        "octal": 511,
        "named": 4,
        "computed": 60,
        "constant": 5,
        "truth": True,
        "joined": "x4",
        "written": '{"a": 1}',
        "text": '{"a": 1}',
        "list": [1, "1", None, True],
        "deep": {"since": datetime.date(2024, 6, 1), "shares": [1, 2.5]},
        "numbers": [4, "4"],
    }
    assert {type(member) for member in (value, value["deep"], value["list"], value["numbers"])} == {dict, list}
    assert {type(value[name]) for name in ("written", "text", "joined")} == {str}


def test_names_and_sets_are_what_they_are():
    value = variables("v: {2024-06-01: 1, null: 1, deep: {1.10: 1, 0777: 1}}\ns: [!!set {a, b}]").value
    assert value("v") == {datetime.date(2024, 6, 1): 1, None: 1, "deep": {1.1: 1, 511: 1}}
    assert plain({(1, (2, 3)): 3}) == {(1, (2, 3)): 3}
    assert value("s") == [{"a", "b"}]
    assert variables(keys="{{ {'a': 1, 'b': 2}.keys() }}").value("keys") == ["a", "b"]


def test_what_is_unsafe_is_no_template():
    assert variables("v: {a: !unsafe '{{ raw }}'}").value("v") == {"a": "{{ raw }}"}


def test_what_is_left_out_is_not_there():
    found = variables(
        "v: {a: '{{ gone | default(omit) }}', b: ['{{ gone | default(omit) }}', 1]}\nw: '{{ gone | default(omit) }}'", omit="__omit"
    )
    assert found.value("v") == {"b": [1]}
    assert found.value("w") is None


# what was written, what is said of it
UNRESOLVED = [
    ("{{ vault_kye }}", "v cannot be resolved: vault_kye is undefined."),
    ("x{{ vault_kye }}", "v cannot be resolved: vault_kye is undefined."),
    ({"a": {"b": "{{ gone }}"}}, "v cannot be resolved: a, b: gone is undefined."),
    ([{"a": 1}, {"a": "{{ gone }}"}], "v cannot be resolved: entry 2, a: gone is undefined."),
    ("{{ there.gone }}", "v cannot be resolved: something has no gone."),
    ("{{ 5 | no_such_filter }}", "v cannot be resolved: there is no no_such_filter."),
    ("{{ lookup('file', 'no-such-file') }}", "v cannot be resolved: the lookup file failed."),
    ("{{ lookup('no.such.lookup') }}", "no.such.lookup"),
    ("{{ there", "v cannot be resolved: its template has a syntax error."),
    ("{{ other }}", "v cannot be resolved: gone is undefined."),
    ("{{ 1 / 0 }}", "v cannot be resolved: its template failed ("),
    (["{{ gone1 }}", "{{ gone2 }}", "{{ gone3 }}", "{{ gone4 }}"], "entry 3: gone3 is undefined; and 1 more."),
]


@pytest.mark.parametrize(("value", "sentence"), UNRESOLVED, ids=str)
def test_what_cannot_be_resolved_is_named(value, sentence):
    found = variables(v=value, there={"secret": "not-real"}, other="demo-secret-{{ gone }}")
    with pytest.raises(Unresolved) as caught:
        found.value("v")
    assert sentence in str(caught.value)
    assert caught.value.name == "v"
    assert "secret" not in str(caught.value)


def test_a_vault_that_is_not_unlocked_says_what_to_give():
    unlock = "Give the vault's password (--vault-password-file, --ask-vault-pass, or the job template's vault credential)."
    for places in (["it cannot be decrypted"], ["a: gone is undefined", "entry 1: it cannot be decrypted", "it cannot be decrypted"]):
        assert str(Unresolved("v", places)) == "v cannot be resolved: {0}. {1}".format("; ".join(places), unlock)
    assert "vault" not in str(Unresolved("v", ["gone is undefined"]))


def test_an_encrypted_text_is_one_text():
    """Ansible's own class of it can be taken for a list of its letters."""

    class EncryptedString(collections.UserString):
        """As newer cores name it."""

    class AnsibleVaultEncryptedUnicode(collections.UserString):
        """As older cores mark it."""

        __ENCRYPTED__ = True

    assert plain({"a": EncryptedString("text"), "b": [AnsibleVaultEncryptedUnicode("text")]}) == {"a": "text", "b": ["text"]}
