# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: whether a parameter holds a secret, by its name and by what kind of value it has."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t
from urllib.parse import unquote

# The words of a name that say that its value is a secret: of parameters and headers anywhere in it, where parts of words do not count
# (monkey, author) but for those that are written without a break (authtoken). In an address each end of a name counts, because an ordinary
# parameter that is hidden there does no harm.
_SECRET_WORDS = frozenset(
    [
        "auth",
        "authorization",
        "bearer",
        "cookie",
        "cookies",
        "credential",
        "credentials",
        "jwt",
        "key",
        "keys",
        "passcode",
        "passphrase",
        "passwd",
        "password",
        "passwords",
        "pwd",
        "secret",
        "secrets",
        "token",
    ]
)
_WITHOUT_A_BREAK = re.compile(
    r".+(token|secret|password|passwd|signature)"
    r"|(access|account|api|app|auth|consumer|function|hapi|license|master|private|secret|shared|signing|subscription|user|write)key"
)
# Only at the end of a name (use_in_pass_through).
_LAST_WORDS = frozenset(["pass", "sig", "signature"])
# Only in an address (code_interpreter, code in the body of a request).
_ADDRESS_WORDS = frozenset(["code"])
ADDRESS_ENDS = "|".join(sorted(_SECRET_WORDS | _LAST_WORDS | _ADDRESS_WORDS))
# With a number, a version or brackets behind it (key[0], token_v2).
_SECRET_IN_ADDRESS = re.compile(rf"({ADDRESS_ENDS})([^a-z]+v)?[^a-z]*\Z", re.ASCII | re.IGNORECASE)
# LiteLLM masks these too (litellm/litellm_core_utils/sensitive_data_masker.py). In an address they say nothing (?access=public).
_MASKED_WORDS = frozenset(["access", "certificate", "fingerprint", "private", "tenancy"])
# Names that look like a secret's and are none: the name of a credential, groups, texts that a model ends with.
_NO_SECRETS = frozenset(
    [
        "access_groups",
        "access_via_team_ids",
        "configurable_clientside_auth_params",
        "direct_access",
        "litellm_credential_name",
        "restricted_access",
    ]
)
# Counts, limits and times.
_MEASURES = frozenset(("count", "expiry", "heads", "ids", "index", "level", "limit", "limits", "seconds", "size", "timeout", "ttl"))
# At the end of a name: it says something about a secret, or of a model.
_ABOUT_SECRETS = _MEASURES | frozenset(("alias", "method", "mode", "name", "retries", "type", "types", "version"))
# The id of one of these is half of a login (aws_access_key_id), or all of it (secret_id).
_SECRET_WITH_ID = frozenset(("access", "private", "secret"))
# Before "token": a word of a model's language. Before "key": that of a table or a cache, or the half of a pair that everybody may have.
_NO_SECRET_PAIRS = frozenset(
    [
        *(
            (word, "token")
            for word in ("audio", "bos", "cls", "end", "eos", "image", "mask", "pad", "sep", "start", "stop", "unk", "video")
        ),
        *((word, "key") for word in ("cache", "foreign", "partition", "primary", "public", "sort", "unique")),
    ]
)
_PRICE_SEGMENTS = frozenset(("cost", "costs", "price", "prices"))
# A number, true or false under a name that ends like a secret's is its text without quotes, but for this word and beginnings of switches.
_SWITCH_ENDS = frozenset(("auth",))
_SWITCH_SEGMENTS = frozenset(
    [
        "allow",
        "disable",
        "enable",
        "forward",
        "has",
        "hide",
        "include",
        "is",
        "mask",
        "no",
        "redact",
        "require",
        "return",
        "send",
        "skip",
        "use",
        "verify",
        "with",
    ]
)
# A number under such a name is a limit, a count or the number of a thing.
_MEASURE_SEGMENTS = _MEASURES | frozenset(("budget", "max", "min", "num", "per", "rpm", "tpm"))
# Members of a structure under a secret's name that only say what it is about: those of a service account, of a federation, of a login.
_ORDINARY_MEMBERS = frozenset(
    [
        "account_id",
        "audience",
        "auth_provider_x509_cert_url",
        "auth_type",
        "auth_uri",
        "client_email",
        "client_id",
        "client_x509_cert_url",
        "environment_id",
        "grant_type",
        "issuer",
        "location",
        "project",
        "project_id",
        "quota_project_id",
        "region",
        "region_name",
        "scope",
        "scopes",
        "service_account_impersonation_url",
        "subject_token_type",
        "tenant_id",
        "token_info_url",
        "token_type",
        "token_uri",
        "token_url",
        "type",
        "universe_domain",
        "url",
    ]
)
_SEGMENTS = re.compile(r"[A-Z]+(?![a-z])|[A-Z]?[a-z]+|[0-9]+")
_NUMBER = re.compile(r"[-+.0-9eE]*")


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name holds a secret (``aws_secret_access_key``, ``X-Api-Key``, ``clientSecret``)."""
    words = _words(name)
    if _is_ordinary(name, words):
        return False
    return any(_is_secret_word(word) or word in _MASKED_WORDS for word in words) or not _LAST_WORDS.isdisjoint(words[-1:])


def is_secret_in_address(name: str) -> bool:
    """Whether a parameter of an address holds a secret: by how its name ends. Rather too many than too few are taken for one."""
    return _SECRET_IN_ADDRESS.search(unquote(name)) is not None


def _words(name: str) -> list[str]:
    """The words of a name in small letters, without numbers at its end (``X-Hub-Signature-256``)."""
    words = [word.lower() for word in _SEGMENTS.findall(name)]
    while words and words[-1].isdigit():
        words.pop()
    return words


def _is_ordinary(name: str, words: t.Sequence[str]) -> bool:
    """Whether a name is one that is known to be no secret's, or that of a price, of a word of a model, or of something about a secret."""
    if name.lower() in _NO_SECRETS or tuple(words[-2:]) in _NO_SECRET_PAIRS or not _PRICE_SEGMENTS.isdisjoint(words):
        return True
    if words[-1:] == ["id"]:
        return _SECRET_WITH_ID.isdisjoint(words)
    return not _ABOUT_SECRETS.isdisjoint(words[-1:])


def _is_secret_word(word: str) -> bool:
    return word in _SECRET_WORDS or _WITHOUT_A_BREAK.fullmatch(word) is not None


def is_secret(name: str, value: t.Any) -> bool:
    """Whether a parameter holds a secret: by its name, unless it is a price, a count or a limit (``default_api_key_tpm_limit``)."""
    if not is_secret_name(name) or not value or isinstance(value, bool):
        return False
    if all(_is_number(member) for member in (value if isinstance(value, list) else [value])):
        return not _MEASURE_SEGMENTS.intersection(segment.lower() for segment in _SEGMENTS.findall(name))
    return True


def lacks_quotes(name: str, value: t.Any) -> bool:
    """Whether a number, true or false stands where only a secret's text can (``azure_ad_token: 0777``): no limit, count or switch."""
    words = _words(name)
    if not isinstance(value, (bool, int, float)) or not is_secret_name(name) or _MEASURE_SEGMENTS.intersection(words):
        return False
    ends_so = _is_secret_word(words[-1]) or words[-1] in _LAST_WORDS
    return ends_so and words[-1] not in _SWITCH_ENDS and words[0] not in _SWITCH_SEGMENTS


def _is_number(value: t.Any) -> bool:
    return isinstance(value, (int, float)) or (isinstance(value, str) and _NUMBER.fullmatch(value) is not None)


def is_ordinary_member(name: str) -> bool:
    """Whether a member of that name, in a structure under a secret's name, only says what the secret is about (``client_id``)."""
    return "_".join(segment.lower() for segment in _SEGMENTS.findall(name)) in _ORDINARY_MEMBERS
