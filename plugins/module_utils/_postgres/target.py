# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""A DATABASE_URL, as Node and Prisma write it or as libpq does, or libpq's variables: what to connect with. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import re
import typing as t
from urllib.parse import unquote

from ansible_collections.litemaas.models.plugins.module_utils._common.environment import wrong_parameters
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint, Kind, Origin

# What libpq takes from a URL as it is.
_PASSED_ON = frozenset(
    (
        "channel_binding",
        "gssencmode",
        "host",
        "hostaddr",
        "keepalives",
        "keepalives_count",
        "keepalives_idle",
        "keepalives_interval",
        "options",
        "passfile",
        "service",
        "sslcrl",
        "sslkey",
        "sslrootcert",
        "target_session_attrs",
        "tcp_user_timeout",
    )
)
DEFAULT_PORT = 5432
# Values of sslmode that libpq does not know.
_SSLMODES = {
    "no-verify": "require",
    "accept_invalid_certs": "require",
    "true": "require",
    "1": "require",
    "false": "disable",
    "0": "disable",
}
_SCHEME = re.compile(r"(?i)^postgres(?:ql)?(?:\+[a-z0-9]+)?://")
_HOST = r"(?:\[[0-9A-Fa-f:.%]+\]|[^@:/?#\[\],\s]*)(?::\d*)?"
_PLACE = re.compile(rf"^(?P<hosts>{_HOST}(?:,{_HOST})*)(?:/(?P<database>[^?#/]*))?(?:\?(?P<query>.*))?$", re.DOTALL)
# The same with something else where the port stands. It is never shown: where an @ is missing, it is the password.
_WRONG_PORT = re.compile(r"^(?:[^@:/?#\[\],\s]+|\[[0-9A-Fa-f:.%]+\]):(?!\d*(?:[/?,]|$))[^@:/?#,\[\]]+(?:[/?,]|$)")
_KEYWORD = re.compile(r"(\w+)\s*=\s*('(?:[^'\\]|\\.)*'|[^\s']*)")


@dataclasses.dataclass(frozen=True)
class Target:
    """Which database: ``arguments`` for psycopg2.connect, and the ``schema`` of Prisma's ``?schema=``.

    ``pod`` says where it is when it is reached through a tunnel, and ``problems`` what the tunnel had to say so far. ``origin`` is what
    a person has to correct.
    """

    arguments: t.Mapping[str, t.Any]
    origin: Origin
    schema: str | None = None
    pod: str = ""
    problems: t.Sequence[str] = ()

    @property
    def source(self) -> str:
        """How a person calls where it is from."""
        return self.origin.name

    @property
    def given(self) -> t.Container[str] | None:
        """What came with the address; None where libpq's variables are the address."""
        return None if self.origin.kind is Kind.LIBPQ else self.arguments

    @property
    def password(self) -> str:
        """The password, or the empty text."""
        return str(self.arguments.get("password") or "")

    def described(self) -> str:
        """The target as messages name it, without the password."""
        place = self.arguments.get("host") or "PGHOST"
        port = self.arguments.get("port")
        where = f"{place}:{port}" if port else str(place)
        return 'database "{0}" {1}'.format(self.arguments.get("dbname") or "(default)", self.pod or "at " + where)


def read_target(endpoint: Endpoint, environment: t.Mapping[str, str]) -> Target:
    """What a DATABASE_URL, or libpq's variables where they are the address, say. Raises InputError, whose text never holds the URL.

    Takes what Node and Prisma take: parameters that only they know are left out, an unescaped password is understood.
    """
    origin = endpoint.origin
    if origin.kind is Kind.LIBPQ:
        names = (("host", "PGHOST"), ("port", "PGPORT"), ("dbname", "PGDATABASE"), ("user", "PGUSER"), ("password", "PGPASSWORD"))
        arguments = {name: environment[variable] for name, variable in names if environment.get(variable)}
        return Target(arguments, origin)
    url = _unquoted(endpoint.value)
    scheme = _SCHEME.match(url)
    if scheme:
        return _read_url(url[scheme.end() :], origin)
    if "://" not in url and _KEYWORD.match(url):
        return _read_keywords(url, origin)
    raise InputError(
        f"{origin.name} is not a PostgreSQL URL: it must look like postgresql://HOST:PORT/DATABASE, with USER:PASSWORD@ before the host"
    )


def _unquoted(url: str) -> str:
    """Without blanks around it and without the quotes that .env files have."""
    url = url.strip()
    if len(url) > 1 and url[0] == url[-1] and url[0] in "'\"":
        url = url[1:-1].strip()
    return url


def _read_url(rest: str, origin: Origin) -> Target:
    """Everything after ``postgresql://``."""
    login, place = _split_login(rest, origin)
    user, _colon, password = login.partition(":")
    arguments: dict[str, t.Any] = {}
    hosts = [_host_and_port(host, origin) for host in place.group("hosts").split(",")]
    arguments["host"] = ",".join(host for host, dummy in hosts)
    arguments["port"] = ",".join(port for dummy, port in hosts)
    arguments["dbname"] = unquote(place.group("database") or "")
    arguments["user"] = unquote(user)
    arguments["password"] = unquote(password)
    schema = _read_query(place.group("query") or "", arguments, origin)
    return Target({name: value for name, value in arguments.items() if value}, origin, schema)


def _split_login(rest: str, origin: Origin) -> tuple[str, t.Match[str]]:
    """("user:password", match of the rest).

    The login ends at the last @ before the parameters that a host and a database follow. A password with a ? in it makes
    that place come later: then it is the last @ of all that a host follows, with a database if there is one like that.
    """
    before_query, _mark, query = rest.partition("?")
    password_goes_on = "@" in query and not re.match(r"\w+=", query)
    for text, needs_database in ((rest if password_goes_on else before_query, True), (rest, False)):
        for position in range(len(text) - 1, -1, -1):
            place = _PLACE.match(rest[position + 1 :]) if text[position] == "@" else None
            if place and (place.group("database") or not needs_database):
                return rest[:position], place
    place = _PLACE.match(rest)
    if not place:
        if _WRONG_PORT.match(before_query.rpartition("@")[2]):
            raise InputError(
                f"{origin.name} has a port that is not a number: after the host and a colon there must be a number from 1 to 65535"
            )
        raise InputError(f"{origin.name} cannot be read: percent-encode what is special in its user and password")
    return "", place


def _host_and_port(text: str, origin: Origin) -> tuple[str, str]:
    host, port = text, ""
    found = re.search(r":(\d*)$", text)
    if found:
        host, port = text[: found.start()], found.group(1)
    if port and not 0 < int(port) < 65536:
        raise InputError(f"{origin.name} names the port {port}, which is impossible")
    return unquote(host.strip("[]")), port


def _read_query(query: str, arguments: dict[str, t.Any], origin: Origin) -> str | None:
    """Take over the parameters that hold for libpq; returns the schema."""
    given = {}
    for part in query.split("&"):
        name, _equals, value = part.partition("=")
        if value:
            given[unquote(name)] = unquote(value)
    _check_parameters(given, origin)
    arguments.update({name: value for name, value in given.items() if name in _PASSED_ON})
    mode = given.get("sslmode") or given.get("ssl")
    if mode:
        arguments["sslmode"] = _SSLMODES.get(mode.lower(), mode)
    if given.get("sslaccept") == "strict":
        arguments["sslmode"] = "verify-full"
    if given.get("sslcert"):
        # Prisma's sslcert is the authority's certificate, everybody else's is the client's, which has a key.
        arguments["sslcert" if given.get("sslkey") else "sslrootcert"] = given["sslcert"]
    for name in ("user", "password", "port", "dbname"):
        if given.get(name):
            arguments[name] = given[name]
    if given.get("connect_timeout", "").isdigit():
        arguments["connect_timeout"] = int(given["connect_timeout"])
    return given.get("schema")


def _check_parameters(given: t.Mapping[str, str], origin: Origin) -> None:
    """Refuse what would be left out without a word: sslmod=verify-full would connect in the clear."""
    wrong = wrong_parameters(given, origin.name)
    if wrong:
        raise InputError(wrong)


def _read_keywords(text: str, origin: Origin) -> Target:
    """libpq's other form: ``host=x dbname=y``."""
    given = {}
    for name, value in _KEYWORD.findall(text):
        given[name] = re.sub(r"\\(.)", r"\1", value[1:-1]) if value.startswith("'") else value
    _check_parameters(given, origin)
    arguments: dict[str, t.Any] = {}
    for name, plain in given.items():
        if name in _PASSED_ON or name in ("port", "dbname", "user", "password", "sslmode", "sslcert", "connect_timeout"):
            arguments[name] = plain
    return Target(arguments, origin)
