# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""Keeps secrets out of everything a run says: messages, results, diffs, errors of servers and drivers."""

from __future__ import annotations

import html
import json
import re
import typing as t
from urllib.parse import quote, quote_plus, unquote, unquote_plus, urlsplit

HIDDEN = "********"

# A shorter text would mutilate unrelated output ("a60b" becomes "a********b").
SHORTEST_SECRET = 4
# So many are looked for one by one.
FEW_SECRETS = 20

# What an API key looks like, wherever a server echoes one that is not of this run.
_KEY_SHAPED = re.compile(r"\bsk-[A-Za-z0-9_\-]{16,}")
_BEARER = re.compile(r"(?i)\b(bearer|basic)\s+[A-Za-z0-9._~+/=\-]{8,}")
_URL_PASSWORD = re.compile(r"([a-z][a-z0-9+.\-]*://[^\s:/@'\"]*):([^\s'\"]*)@")
# A token in the place of the user of a web server's address: without a password, or with one that says that there is none.
_URL_TOKEN = re.compile(r"(?i)(\bhttps?://)([^\s:/@'\"?#]+)(:(?:x-oauth-basic|[^\s/@'\"]{0,3}))?@")
# A parameter of an address, in its query or its fragment: ?api-key=..., &sig=..., #access_token=...
_QUERY_PARAMETER = re.compile(r"([?&;#])([^?&;#=\s'\"<>]+)=([^&;#\s'\"<>]+)", re.ASCII)

# What people write as the key of a server that checks none. No secret, and a word that stands in many other places.
PLACEHOLDERS = frozenset(
    [
        "any",
        "anything",
        "dummy",
        "dummy-key",
        "dummy_key",
        "empty",
        "fake",
        "fake-api-key",
        "fake-key",
        "fake_key",
        "foo",
        "key",
        "llamafile",
        "lm-studio",
        "lm_studio",
        "lmstudio",
        "no-key",
        "no-key-required",
        "no_key",
        "no_key_required",
        "nokey",
        "none",
        "not-needed",
        "not-required",
        "not-used",
        "not_needed",
        "null",
        "ollama",
        "placeholder",
        "sk-no-key-required",
        "test",
        "token",
        "unused",
        "vllm",
    ]
)
_ALL_X = re.compile(r"(?i)(sk-?)?[x*.\-]*")
# Words of results. Where one of them is somebody's key, results stay readable.
RESULT_WORDS = frozenset(
    [
        "absent",
        "created",
        "deleted",
        "failed",
        "inserted",
        "present",
        "reactivated",
        "restored",
        "retained",
        "retired",
        "unchanged",
        "updated",
    ]
)
# A name that holds a longer secret is hidden all the same: somebody took the wrong line.
LONGEST_WORD = 16

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
_ADDRESS_ENDS = "|".join(sorted(_SECRET_WORDS | _LAST_WORDS | _ADDRESS_WORDS))
# With a number, a version or brackets behind it (key[0], token_v2).
_SECRET_IN_ADDRESS = re.compile(rf"({_ADDRESS_ENDS})([^a-z]+v)?[^a-z]*\Z", re.ASCII | re.IGNORECASE)
# LiteLLM masks these too (litellm/litellm_core_utils/sensitive_data_masker.py). In an address they say nothing (?access=public).
_MASKED_WORDS = frozenset(["access", "certificate", "fingerprint", "private", "tenancy"])
# What may_hold_secret looks for and a little more, for PostgreSQL's ~*. Python takes a long s for an s and a dotless i for an i, PostgreSQL
# does not. A name with a percent sign may be any name.
SUSPECT = f'sk-|bearer|ba..c|://.*@|({_ADDRESS_ENDS})([^a-z=]+v)?[^a-z=]*=|%[0-9a-f]{{2}}[^=&" ]*='
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
# LiteLLM masks texts under a name that has one of these, secret or not (1.81.0 to 1.110: litellm/litellm_core_utils/
# sensitive_data_masker.py). It cuts names at _ and - only, and newer versions leave costs out.
_MASKED_SEGMENTS = frozenset(
    [
        "access",
        "auth",
        "authorization",
        "certificate",
        "certificates",
        "cookie",
        "credential",
        "credentials",
        "fingerprint",
        "key",
        "password",
        "passwords",
        "private",
        "secret",
        "secrets",
        "tenancy",
        "token",
    ]
)
# A longer text keeps its first and last four characters.
LONGEST_ALL_MASKED = 8
MOST_KEPT = 8
_MASKED_TEXT = re.compile(r"(?s).{4}\*+.{4}|\*{1,8}|.*\*{4}.*")
# What LiteLLM shows instead of a secret, of which nobody can make the secret.
_MASK = re.compile(r"(?s).{0,4}\*{4,}.{0,4}")
# Structures that are deeper are no parameters.
DEEPEST = 50

# A line of a secret that servers may say alone.
SHORTEST_LINE = 8
# What says that a text may be written otherwise than it is meant, and so many ways to read one are tried.
_ESCAPED = re.compile(r"\\|%[0-9a-fA-F]{2}|&[#a-zA-Z]")
MOST_READINGS = 60
_ESCAPE = re.compile(r"\\(u[0-9a-fA-F]{4}|x[0-9a-fA-F]{2}|U000[0-9a-fA-F]{5}|.)", re.DOTALL)
_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "b": "\b", "f": "\f", "v": "\v", "a": "\a", "0": "\0"}


def is_secret_name(name: str) -> bool:
    """Whether a parameter of that name holds a secret (``aws_secret_access_key``, ``X-Api-Key``, ``clientSecret``)."""
    words = _words(name)
    if _is_ordinary(name, words):
        return False
    return any(_is_secret_word(word) or word in _MASKED_WORDS for word in words) or not _LAST_WORDS.isdisjoint(words[-1:])


def _is_secret_in_address(name: str) -> bool:
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


def is_placeholder(text: str) -> bool:
    """Whether a text in the place of a key says that there is none (``ollama``, ``EMPTY``, ``sk-xxxx``)."""
    return text.strip().lower() in PLACEHOLDERS or _ALL_X.fullmatch(text.strip()) is not None


def is_masked(value: t.Any) -> bool:
    """Whether a value is what LiteLLM shows instead of a secret (``sk-a****6789``), and so never the secret itself."""
    return isinstance(value, str) and "****" in value


def has_mask(value: t.Any) -> bool:
    """Whether something in a value is masked."""
    if isinstance(value, dict):
        return any(has_mask(member) for member in value.values())
    if isinstance(value, list):
        return any(has_mask(member) for member in value)
    return is_masked(value)


def may_be_masked(name: str, value: t.Any) -> bool:
    """Whether some version of LiteLLM shows a mask of something in a parameter, by its name and whether it is a secret or not."""
    if isinstance(value, dict):
        return any(may_be_masked(str(key), member) for key, member in value.items())
    if isinstance(value, list):
        return any(may_be_masked(name, member) for member in value if isinstance(member, (str, dict, list)))
    segments = name.lower().replace("-", "_").split("_")
    return bool(_MASKED_SEGMENTS.intersection(segments)) and ("cost" not in segments or len(str(value)) > LONGEST_ALL_MASKED)


def shows_mask(name: str, value: t.Any) -> bool:
    """Whether something in a parameter that LiteLLM shows is a mask."""
    if isinstance(value, dict):
        return any(shows_mask(str(key), member) for key, member in value.items())
    if isinstance(value, list):
        return any(shows_mask(name, member) for member in value)
    return is_masked(value) or (isinstance(value, str) and may_be_masked(name, value) and _MASKED_TEXT.fullmatch(value) is not None)


def is_shown_as(value: t.Any, shown: t.Any) -> bool:
    """Whether LiteLLM may show this of a value: the value, its text, or a mask of that, with any number of stars."""
    if isinstance(value, dict) and isinstance(shown, dict):
        return value.keys() == shown.keys() and all(is_shown_as(member, shown[key]) for key, member in value.items())
    if isinstance(value, list) and isinstance(shown, list):
        return len(value) == len(shown) and all(map(is_shown_as, value, shown))
    if not isinstance(shown, str) or isinstance(value, (dict, list)):
        return bool(value == shown) and isinstance(value, bool) is isinstance(shown, bool)
    texts = {str(value), str(float(value))} if isinstance(value, (int, float)) and not isinstance(value, bool) else {str(value)}
    return shown in texts or any(_is_mask_of(shown, text) for text in texts)


def _is_mask_of(shown: str, text: str) -> bool:
    """Whether this is the text with stars in its middle. A text may have stars of its own, so each way to cut it is tried."""
    lengths = range(min(MOST_KEPT, len(text)) + 1)
    return any(
        len(shown) > before + after
        and shown[:before] == text[:before]
        and shown[len(shown) - after :] == text[len(text) - after :]
        and set(shown[before : len(shown) - after]) == {"*"}
        for before in lengths
        for after in lengths
        if before + after <= len(text)
    )


def secrets_in(name: str, value: t.Any) -> t.Iterator[t.Any]:
    """The secrets within a free-form parameter, at any depth; also in pairs like ``{"name": "Authorization", "value": ...}``."""
    for _place, secret in located_secrets(name, value):
        yield secret


def located_secrets(name: str, value: t.Any, place: str = "") -> t.Iterator[tuple[str, t.Any]]:
    """Where the secrets within a free-form parameter are (``extra_headers.Authorization``), each with its value."""
    place = f"{place}.{name}" if place else name
    value = json_structure(value) if not is_secret(name, value) else value
    if is_secret(name, value):
        yield place, value
    elif isinstance(value, dict):
        for key, member in value.items():
            if not _names_a_pair(key, value):
                yield from located_secrets(_member_name(key, value), member, place)
    elif isinstance(value, list):
        for member in value:
            yield from ((place + found[len(name) :], secret) for found, secret in located_secrets(name, member))


def _names_a_pair(key: t.Any, members: dict[t.Any, t.Any]) -> bool:
    """Whether a member says what another one holds: ``{"name": "Authorization", "value": ...}``, or ``key`` beside ``value``."""
    return isinstance(members[key], str) and (key == "name" or (key == "key" and "value" in members))


def _member_name(key: t.Any, members: dict[t.Any, t.Any]) -> str:
    """The name of a member: in a pair with a secret's name that one."""
    names = [members[other] for other in ("name", "key") if other in members and _names_a_pair(other, members)]
    return names[0] if names and is_secret_name(names[0]) else str(key)


def json_structure(value: t.Any) -> t.Any:
    """The dictionary or list that a text is the JSON of, else the value itself."""
    if not isinstance(value, str) or not value.lstrip().startswith(("{", "[")):
        return value
    try:
        structure = json.loads(value)
    except (ValueError, RecursionError):
        return value
    return structure if isinstance(structure, (dict, list)) and not _is_deep(structure) else value


def _is_deep(structure: t.Any) -> bool:
    """Whether a structure goes deeper than anybody writes one."""
    level = [structure]
    for _depth in range(DEEPEST):
        members = [list(member.values()) if isinstance(member, dict) else member for member in level]
        level = [value for inner in members for value in inner if isinstance(value, (dict, list))]
        if not level:
            return False
    return True


def without_secrets(name: str, value: t.Any) -> t.Any:
    """A copy of a parameter to show, with secrets replaced."""
    if isinstance(value, str) and _MASK.fullmatch(value):
        return value
    if is_secret(name, value):
        return HIDDEN
    if isinstance(value, dict):
        return {
            key: member if _names_a_pair(key, value) else without_secrets(_member_name(key, value), member) for key, member in value.items()
        }
    if isinstance(value, list):
        return [without_secrets(name, member) for member in value]
    structure = json_structure(value)
    if structure is not value and any(True for _secret in secrets_in(name, structure)):
        return json.dumps(without_secrets(name, structure))
    return value


def hidden_leaves(value: t.Any) -> t.Iterator[t.Any]:
    """What to hide of a secret that may be a structure, or the JSON of one: no names, and nothing that only says what it is about."""
    structure = json_structure(value)
    if structure is not value:
        yield value
    if isinstance(structure, dict):
        for key, member in structure.items():
            ordinary = "_".join(segment.lower() for segment in _SEGMENTS.findall(str(key))) in _ORDINARY_MEMBERS
            if ordinary and not isinstance(member, dict):
                yield from (secret for text in secret_texts(member) for secret in address_secrets(text))
            elif not _names_a_pair(key, structure):
                yield from hidden_leaves(member)
    elif isinstance(structure, (list, tuple)):
        for member in structure:
            yield from hidden_leaves(member)
    else:
        yield structure


def secret_texts(value: t.Any) -> t.Iterator[str]:
    """Every scalar of a structure as text."""
    if isinstance(value, dict):
        for member in value.values():
            yield from secret_texts(member)
    elif isinstance(value, (list, tuple)):
        for member in value:
            yield from secret_texts(member)
    elif value is not None and not isinstance(value, bool):
        yield str(value)


def url_password(url: t.Any) -> list[str]:
    """The password of an address, as it stands there and as it is meant; nothing where there is none."""
    try:
        password = urlsplit(url.strip()).password if isinstance(url, str) else None
    except ValueError:
        found = re.search(r"//[^/@:]*:([^/]*)@", url)
        password = found.group(1) if found else None
    return [password, unquote(password)] if password else []


def address_secrets(url: t.Any) -> list[str]:
    """The password of an address, a token in the place of its user, and the keys in its query and its fragment."""
    if not isinstance(url, str):
        return []
    tokens = [found[1] for found in _URL_TOKEN.findall(url) if len(found[1]) >= LONGEST_WORD]
    return url_password(url) + [form for secret in (*tokens, *_keys_in_address(url)) for form in (secret, unquote(secret))]


def shaped_secrets(text: str) -> list[str]:
    """What looks like a secret in a text, wherever it stands: passwords and keys of addresses, what follows Bearer, keys."""
    found = [password for _before, password in _URL_PASSWORD.findall(text)] + address_secrets(text)
    found += [match.group(2) for match in _URL_TOKEN.finditer(text)]
    found += [match.group().split(None, 1)[1] for match in _BEARER.finditer(text)]
    return found + _KEY_SHAPED.findall(text)


def may_hold_secret(text: str) -> bool:
    """Whether a text, also one of JSON, may have one of these shapes in it: quick, and never false where it has."""
    folded = text.casefold().replace("\u0131", "i")
    return "sk-" in folded or "bearer" in folded or "basic" in folded or _may_be_in_address(text)


def _may_be_in_address(text: str) -> bool:
    return ("://" in text and "@" in text) or ("=" in text and any(True for _secret in _keys_in_address(text)))


def _keys_in_address(text: str) -> t.Iterator[str]:
    return (value for _before, name, value in _QUERY_PARAMETER.findall(text) if _is_secret_in_address(name))


def _shown_in_address(parameter: t.Match[str]) -> str:
    """A parameter of an address to show."""
    before, name, value = parameter.groups()
    return f"{before}{name}={HIDDEN if _is_secret_in_address(name) else value}"


def secret_pattern(secret: str) -> t.Pattern[str]:
    """Finds a secret; one of digits only as a whole word, for it may be part of any number."""
    return re.compile(r"(?<![\w.\-:])" + secret + r"(?![\w.\-])" if secret.isdigit() else re.escape(secret))


def _without(text: str, secrets: t.Iterable[str], kept: t.Iterable[str]) -> str:
    """The text without secrets but for whole words that stay; the longest counts where several begin at one place."""
    patterns = [(len(word), rf"(?P<kept{number}>(?<!\w){re.escape(word)}(?!\w))") for number, word in enumerate(kept)]
    patterns += [(len(secret), secret_pattern(secret).pattern) for secret in secrets]
    # A word counts more than a secret that is the same text.
    ordered = sorted(patterns, key=lambda pattern: (pattern[0], pattern[1].startswith("(?P<kept")), reverse=True)
    return re.sub("|".join(pattern for _length, pattern in ordered), lambda found: found.group() if found.lastgroup else HIDDEN, text)


def _unescaped(text: str) -> str:
    """A text without the backslashes that JSON or Python wrote into it."""
    read = _ESCAPE.sub(lambda found: _character(found.group(1)), text)
    # JSON writes what is beyond 16 bits as two halves.
    return read.encode("utf-16", "surrogatepass").decode("utf-16", "replace")


def _character(escape: str) -> str:
    if len(escape) > 1:
        return chr(int(escape[1:], 16))
    return _ESCAPES.get(escape, escape)


def _unescaped_bytes(text: str) -> str:
    """The same for what Python writes of bytes."""
    read = _unescaped(text)
    try:
        return read.encode("latin-1").decode()
    except UnicodeError:
        return read


def _readings(text: str) -> t.Iterator[str]:
    """The texts that a text may be another writing of: JSON, Python, addresses and pages, also one within the other."""
    known, left = {text}, [text]
    while left and len(known) <= MOST_READINGS:
        reading = left.pop(0)
        for decode in (_unescaped, _unescaped_bytes, unquote, unquote_plus, html.unescape):
            read = decode(reading)
            if read not in known:
                known.add(read)
                left.append(read)
                yield read


def _with_lines(text: str) -> t.Iterator[str]:
    """A secret, and those of its lines that could be nothing else."""
    yield text
    lines = text.splitlines()
    if len(lines) > 1:
        yield from (line.strip() for line in lines if len(line.strip()) >= SHORTEST_LINE and not line.startswith("-----"))


class Redactor:
    """Knows the secrets of one run and takes them out of text and data, however they are written there."""

    def __init__(self) -> None:
        self._secrets: set[str] = set()
        # How secrets begin -> those that begin so, so that a text is compared with few of them, however many there are.
        self._by_start: dict[str, list[str]] = {}
        # Names and words that hold a secret and stay, whole.
        self._kept: set[str] = set()

    def add(self, *values: t.Any) -> list[str]:
        """Register secrets; returns the texts that were long enough to be registered."""
        texts = [text for value in values for text in secret_texts(value) if len(text) >= SHORTEST_SECRET and not is_placeholder(text)]
        forms = {form for text in texts for line in _with_lines(text) for form in (line, quote(line, safe=""), quote_plus(line))}
        for form in sorted(forms - self._secrets):
            self._by_start.setdefault(form[:SHORTEST_SECRET], []).append(form)
        self._secrets |= forms
        return texts

    def keep(self, words: t.Iterable[t.Any]) -> None:
        """Let names stay that are a secret or hold one: those of models, actions, ids."""
        for word in {word for word in words if isinstance(word, str)} | RESULT_WORDS:
            found = self._found(word)
            if found and all(len(secret) < LONGEST_WORD for secret in found):
                self._kept.add(word)

    def is_kept(self, text: str) -> bool:
        """Whether a secret is or is part of a name that stays."""
        return any(text in word for word in self._kept)

    def text(self, text: str) -> str:
        """The text without secrets. One that holds a secret escaped comes back as it is meant."""
        text = self._without_known(text)
        if self._secrets and _ESCAPED.search(text):
            text = self._without_escaped(text)
        if not may_hold_secret(text):
            return text
        text = _URL_TOKEN.sub(r"\1" + HIDDEN + "@", text)
        text = _URL_PASSWORD.sub(r"\1:" + HIDDEN + "@", text)
        text = _QUERY_PARAMETER.sub(_shown_in_address, text)
        text = _BEARER.sub(r"\1 " + HIDDEN, text)
        return _KEY_SHAPED.sub(lambda found: found.group() if is_placeholder(found.group()) else HIDDEN, text)

    def _without_escaped(self, text: str) -> str:
        """The text, or the first reading of it that shows a secret, without it."""
        for _time in range(MOST_READINGS):
            readings = ((reading, self._without_known(reading)) for reading in _readings(text))
            clean = next((clean for reading, clean in readings if clean != reading), None)
            if clean is None:
                return text
            text = clean
        return HIDDEN

    def _without_known(self, text: str) -> str:
        """The text without the registered secrets, as they are written."""
        secrets = self._found(text)
        kept = [word for word in self._kept if word in text] if secrets else []
        if kept:
            text = _without(text, secrets, kept)
        else:
            for secret in secrets:
                text = secret_pattern(secret).sub(HIDDEN, text) if secret.isdigit() else text.replace(secret, HIDDEN)
        return text

    def _found(self, text: str) -> list[str]:
        """The secrets in a text, the longest first: one may be a part of another."""
        if len(self._secrets) <= FEW_SECRETS:
            found = [secret for secret in self._secrets if secret in text]
        else:
            starts = {text[place : place + SHORTEST_SECRET] for place in range(len(text) - SHORTEST_SECRET + 1)}
            found = [secret for start in starts if start in self._by_start for secret in self._by_start[start] if secret in text]
        return sorted(found, key=lambda secret: (len(secret), secret), reverse=True)

    def data(self, value: t.Any, keys: bool = False) -> t.Any:
        """A copy of plain data whose texts hold no secrets. Keys of dictionaries stay, unless they are data too (``keys``)."""
        if isinstance(value, str):
            return self.text(value)
        if isinstance(value, dict):
            return {self.text(key) if keys else key: self.data(member, keys) for key, member in value.items()}
        if isinstance(value, (list, tuple)):
            return [self.data(member, keys) for member in value]
        return value
