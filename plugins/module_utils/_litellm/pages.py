# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pages of a list of deployments, and the texts to search it by. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import collections
import itertools
import secrets
import string
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ProxyError
from ansible_collections.litemaas.models.plugins.module_utils._common.fingerprints import without_forgotten
from ansible_collections.litemaas.models.plugins.module_utils._litellm.identity import CONFIG, classify, id_of
from ansible_collections.litemaas.models.plugins.module_utils._litellm.reading import NOT_TO_THE_QUESTION, Deployment

# What can be searched for: a pattern's own characters (% and _) are no letters to LiteLLM's database.
SEARCHABLE = frozenset(string.ascii_lowercase + string.digits)
# The capitals that are these letters to every database. Beyond ASCII it and Python fold otherwise (U+212A is a k to Python alone), and
# to a Turkish one I is no capital of i.
CAPITALS = {capital: capital.lower() for capital in string.ascii_uppercase if capital != "I"}


class Searchable(t.NamedTuple):
    """What LiteLLM's search sees of a deployment, in small letters."""

    names: set[str]
    model: str


def deployments_in(answer: dict[str, t.Any]) -> list[Deployment]:
    """The deployments of a list answer, with all three parts present. Raises ProxyError where the shape is not LiteLLM's."""
    rows = answer.get("data")
    if not isinstance(rows, list):
        error = ProxyError("LiteLLM's list of models has no data")
        error.foreign = "an answer without a list of models"
        raise error
    deployments = []
    for row in rows:
        if not isinstance(row, dict) or not isinstance(row.get("model_name"), str):
            raise ProxyError("LiteLLM's list of models has an entry that is not a model")
        parts = {name: row.get(name) or {} for name in ("litellm_params", "model_info")}
        if not all(isinstance(part, dict) for part in parts.values()):
            raise ProxyError("LiteLLM's list of models has an entry that is not a model: {0}".format(row["model_name"]))
        parts["model_info"] = without_forgotten(parts["model_info"])
        deployments.append({"model_name": row["model_name"], **parts})
    return deployments


def unusual_size(least: int) -> int:
    """A size of pages for one question only: LiteLLM 1.100 says it back, so an answer to another question can be told."""
    return least + secrets.randbelow(least)


def why_unfit(answer: dict[str, t.Any], url: str, page: int, size: int) -> str:
    """Why an answer is not one to this question, or the empty text. LiteLLM 1.81 repeats nothing, and counts nothing either."""
    echo = (answer.get("current_page"), answer.get("size"))
    if answer.get("total_count") is None or echo == (page, size):
        return ""
    return NOT_TO_THE_QUESTION.format(url, page, size, *echo)


def count_in(answer: dict[str, t.Any], name: str) -> int | None:
    """A number of a list answer, or None where it has none. Raises ProxyError."""
    number = answer.get(name)
    if number is not None and (not isinstance(number, int) or isinstance(number, bool)):
        raise ProxyError(f"LiteLLM's list of models has a {name} that is not a number")
    return number


def names_of(entry: t.Mapping[str, t.Any]) -> set[str]:
    """The names under which people know a deployment: a team's has a public one beside that which LiteLLM made."""
    info = entry.get("model_info")
    info = info if isinstance(info, dict) else {}
    return {str(name) for name in (entry.get("model_name"), info.get("team_public_model_name")) if name}


def searchable(deployments: t.Sequence[Deployment]) -> list[Searchable]:
    """What LiteLLM's search sees of what it serves: an id of its database counts once."""
    found: dict[t.Any, Searchable] = {}
    for place, entry in enumerate(deployments):
        names = {name.lower() for name in names_of(entry)}
        key = id_of(entry) if classify(entry) != CONFIG else place
        found[key] = Searchable(names, str(entry["litellm_params"].get("model") or "").lower())
    return list(found.values())


def size_of_page(first: int, last: int) -> int:
    """The size of the smallest pages of which one holds both places; places count from 0."""
    return next(size for size in itertools.count(last - first + 1) if first // size == last // size)


def covering(names: t.Iterable[str]) -> list[str] | None:
    """Few characters, one of which is in each name; None where a name has none that can be searched for."""
    left = [SEARCHABLE.intersection(CAPITALS.get(character, character) for character in name) for name in names]
    if not all(left):
        return None
    found: list[str] = []
    while left:
        frequency = collections.Counter(character for characters in left for character in sorted(characters))
        found.append(max(frequency, key=lambda character: frequency[character]))
        left = [characters for characters in left if found[-1] not in characters]
    return found
