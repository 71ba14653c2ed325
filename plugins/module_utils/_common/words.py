# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The modules' sentences in the words of the role, whose users know its variables and not the modules' options. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import dataclasses
import re
import typing as t

# Set in the environment of a module that the role runs: the role's name, and where the value of an option is from a variable of the role's
# own environment, "litellm_database_url=LITELLM_DATABASE_URL", with blanks between.
ROLE_VARIABLE = "LITEMAAS_MODELS_ROLE"


@dataclasses.dataclass(frozen=True)
class Vocabulary:
    """How whoever reads the messages of a run calls the modules' options.

    ``variables`` is option -> variable of the role, ``environment`` option -> variable of the environment that the role has its value from.
    """

    variables: t.Mapping[str, str] = dataclasses.field(default_factory=dict)
    environment: t.Mapping[str, str] = dataclasses.field(default_factory=dict)


# The one that counts is the last: like the language of a program, it is the same for all of a run, wherever a sentence is made.
_spoken = [Vocabulary()]


@contextlib.contextmanager
def spoken(vocabulary: Vocabulary) -> t.Iterator[None]:
    """Let sentences that are made meanwhile have these words."""
    _spoken.append(vocabulary)
    try:
        yield
    finally:
        _spoken.pop()


def option(name: str) -> str:
    """What a person sets to give an option: the option itself, or a variable of the role."""
    return _spoken[-1].variables.get(name, name)


def variable_behind(name: str) -> str:
    """The variable of the environment from which the role has the value of an option; the empty text where it is from none."""
    return _spoken[-1].environment.get(name, "")


# Members of a result that are sentences, or lists of them.
_SENTENCES = frozenset(("msg", "message", "reason", "errors", "not_restored"))

_WORDS = [
    (r"(?<!\w)(force|allow_empty|restore): true", r"litemaas_models_\1: true"),
    (
        r"(?<!\w)(litellm_api_key|litellm_database_url|database_url|max_percent|max_count|lock_timeout|ca_path|notify_urls|model_patterns"
        r"|exclude_patterns|retention_days|wait_timeout|force_update|progress_file|keep_hidden)(?!\w)",
        r"litemaas_models_\1",
    ),
    (r"(?<!\w)kubernetes(?=\.(?!core))", "litemaas_models_kubernetes"),
    (r"(?<![\w.])validate_certs(?!\w)", "litemaas_models_verify_ssl"),
    (r"(?<!\w)duplicates(?= to collapse)", "litemaas_models_duplicates"),
    (r"(?<=or set )namespace(?!\w)", "litemaas_models_namespace"),
    (r"^(?=providers has )", "litemaas_models_"),
    (r"^(?=namespace must be)", "litemaas_models_"),
    (r" \(keep_models\)$", ", because it is in the list or failed in an earlier step"),
]
# A sentence that asks for an option is of one that is not given, or of another value for it.
_NOT_ASKED_FOR = r"(?<!give )(?<!Give )"


def given_by(role: str) -> dict[str, str]:
    """Option -> variable of the environment that its value is from, as ROLE_VARIABLE says."""
    return dict(pair.split("=", 1) for pair in role.split() if "=" in pair)


class Words:
    """The role's words in one run. ``from_environment`` is option -> variable of the environment that its value is from."""

    def __init__(self, from_environment: t.Mapping[str, str]) -> None:
        taken = [(_NOT_ASKED_FOR + rf"(?<!\w){option}(?!\w)", name) for option, name in from_environment.items()]
        self._patterns = [(re.compile(pattern), ours) for pattern, ours in (*taken, *_WORDS)]
        self._known: dict[str, str] = {}

    def of(self, text: str) -> str:
        """A sentence of a module with what a person gave instead of the module's options."""
        if text not in self._known:
            ours = text
            for pattern, word in self._patterns:
                ours = pattern.sub(word, ours)
            self._known[text] = ours
        return self._known[text]

    def of_result(self, result: t.Any) -> t.Any:
        """A copy of a result with all its sentences in these words; names and values stay as they are."""
        if isinstance(result, dict):
            return {name: self._told(value) if name in _SENTENCES else self.of_result(value) for name, value in result.items()}
        if isinstance(result, list):
            return [self.of_result(member) for member in result]
        return result

    def _told(self, value: t.Any) -> t.Any:
        if isinstance(value, list):
            return [self._told(member) for member in value]
        return self.of(value) if isinstance(value, str) else self.of_result(value)


def in_our_words(text: str) -> str:
    """A sentence of a module with the role's variables instead of the module's options."""
    return Words({}).of(text)
