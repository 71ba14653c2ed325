# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What an answer of a server says. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import ast
import re
import typing as t

# So much of what a server says is looked through.
LONGEST_READ = 100_000
# How servers say that they have no such path, rather than no such model.
NO_SUCH_PATH = ("not found", "no reason given")
# How caches say that an answer is theirs: "HIT", "TCP_MEM_HIT", "squid; hit", "STALE".
_HIT = re.compile(r"(?<![a-z])(hit|stale|updating)(?![a-z])", re.IGNORECASE)
# How LiteLLM says of a key that it knows, with a 401, that it is no administrator's.
NO_ADMIN = "Only proxy admin can be used"
# A longer text holds no error of LiteLLM's as a Python dictionary.
LONGEST_WRAPPED = 10000


class Answer(t.NamedTuple):
    """What a server answered, and its length in bytes, unpacked. ``body`` is the value of its JSON: none where it ``is_json`` not."""

    status: int
    headers: t.Mapping[str, str]
    is_json: bool
    body: t.Any
    length: int


def cache_sign(headers: t.Mapping[str, str]) -> str:
    """The header by which a cache tells that an answer is its own ("Age: 30", "X-Cache: HIT"), or the empty text."""
    for name, value in headers.items():
        known = name.lower()
        counted = known == "age" or ("cache" in known and known.endswith("-hits"))
        if counted and re.fullmatch(r"\s*[0-9]*[1-9][0-9]*\s*", value):
            return f"{name}: {value.strip()}"
        # A cache that looked, found an old answer and asked the server all the same says so in X-Cache-Lookup.
        if "cache" in known and known not in ("cache-control", "x-cache-lookup") and _HIT.search(value):
            return f"{name}: {value.strip()[:80]}"
    return ""


def server_sentence(answer: Answer, without_secrets: t.Callable[[str], str] = lambda sentence: sentence) -> str:
    """What the server says in an error answer, without the input that some of its answers echo.

    Secrets go before it is cut: what is left of a secret that is cut is not known for one.
    """
    if not answer.is_json:
        return "an answer that is not JSON ({0})".format(answer.headers.get("Content-Type", "no content type"))
    message = _find_message(answer.body)
    return without_secrets(message[:LONGEST_READ])[:500] if message else "no reason given"


def _find_message(body: t.Any) -> str:
    while isinstance(body, dict):
        body = next((body[name] for name in ("error", "detail", "message") if body.get(name)), "")
    if isinstance(body, list):
        return "; ".join(_validation_message(member) for member in body if isinstance(member, dict))
    return _unwrapped(body) if isinstance(body, str) else ""


def _unwrapped(text: str) -> str:
    """A sentence for people: LiteLLM writes some of its errors as the text of a Python dictionary, which holds the sentence."""
    start, end = text.find("{"), text.rfind("}") + 1
    if not 0 <= start < end <= LONGEST_WRAPPED:
        return text
    try:
        inner = ast.literal_eval(text[start:end])
    except (ValueError, SyntaxError, RecursionError, MemoryError):
        return text
    message = _find_message(inner) if isinstance(inner, dict) else ""
    return text[:start] + message + text[end:] if message else text


def _validation_message(member: Json) -> str:
    """One of FastAPI's validation errors, without its ``input``: that is the request, secrets too."""
    loc = member.get("loc")
    place = ".".join(str(part) for part in loc if part != "body") if isinstance(loc, list) else ""
    return "{0}: {1}".format(place, member.get("msg", "invalid"))


Json = dict[str, t.Any]
