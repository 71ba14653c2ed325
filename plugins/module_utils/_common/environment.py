# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: which variable of the environment is behind an error of a client library, and what it may be."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t
from urllib.parse import urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common.hints import LIKE, VERY_LIKE, did_you_mean, near_names

Environment = t.Mapping[str, str]
# --- requests --------------------------------------------------------------------------------------------------------------
# In the order in which requests looks at them.
AUTHORITIES = ("REQUESTS_CA_BUNDLE", "CURL_CA_BUNDLE")
PROXY_KINDS = ("http", "https")
SOCKS = ("socks4", "socks4a", "socks5", "socks5h")
_PROXY = "it must look like http://HOST:PORT, with a user and a password before the host if it requires them. Unset it to use no proxy"


def proxy_variable(url: str, environment: Environment) -> str:
    """The variable that names the proxy for an address, where one is used; the empty text where there is none."""
    for kind in (urlsplit(url).scheme.lower(), "all"):
        lower = kind + "_proxy"
        if lower in environment:
            # An empty one switches off the one in capitals.
            if environment[lower]:
                return lower
        elif environment.get(lower.upper()):
            return lower.upper()
    return ""


def proxy_fault(name: str, environment: Environment) -> str:
    """What is wrong with the address of the proxy that a variable names; the empty text where nothing is. Never shows the address."""
    value = environment.get(name, "")
    kind, separator, _rest = value.partition("://")
    if separator and kind.lower() in SOCKS:
        return f"{name} in the environment names a SOCKS proxy, for which a Python library is missing (PySocks). Install it, or: {_PROXY}"
    if separator and kind.lower() not in PROXY_KINDS:
        shown = kind if re.fullmatch(r"[A-Za-z0-9+.-]{1,20}", kind) else "another kind"
        return f"{name} in the environment names a proxy with an unknown scheme ({shown}): {_PROXY}"
    try:
        parts = urlsplit(value if separator else "http://" + value)
        usable = bool(parts.hostname) and parts.port != 0 and not re.search(r"\s", value)
    except ValueError:
        usable = False
    return "" if usable else f"{name} in the environment is not the address of a proxy: {_PROXY}"


def authorities_variable(environment: Environment) -> str:
    """The variable that names the certificate authorities to trust; the empty text where there is none."""
    return next((name for name in AUTHORITIES if environment.get(name)), "")


def authorities_fault(name: str) -> str:
    """What a variable has to name that requests cannot use."""
    return (
        f"{name} in the environment must name a file with CA certificates in PEM format, but that file cannot be used. "
        "Correct or unset it, or give ca_path"
    )


# --- libpq -----------------------------------------------------------------------------------------------------------------


# The settings that came with an address; None where libpq's variables are the address.
Given = t.Optional[t.Container[str]]


class Setting(t.NamedTuple):
    """A parameter of a connection to PostgreSQL: its name in a URL, its variable, errors that are about it, what it may be."""

    option: str
    variable: str
    error: str
    allowed: str


_CERTIFICATES = "it must name a file in PEM format"
SETTINGS = (
    Setting("port", "PGPORT", r"option \"port\"|port number", "it must be a number from 1 to 65535"),
    Setting("service", "PGSERVICE", r"definition of service", "it must name a part of ~/.pg_service.conf, or of the file in PGSERVICEFILE"),
    Setting("servicefile", "PGSERVICEFILE", r"service file", "it must name a file"),
    Setting("hostaddr", "PGHOSTADDR", r"parse network address", "it must be an IP address; names go into PGHOST"),
    Setting("connect_timeout", "PGCONNECT_TIMEOUT", r"connect_timeout", "it must be a number of seconds"),
    Setting("sslmode", "PGSSLMODE", r"sslmode", "it may be disable, allow, prefer, require, verify-ca or verify-full"),
    Setting("sslrootcert", "PGSSLROOTCERT", r"root certificate file", _CERTIFICATES),
    Setting("sslcrl", "PGSSLCRL", r"revocation list", _CERTIFICATES),
    Setting("sslkey", "PGSSLKEY", r"private key file", _CERTIFICATES),
    Setting("sslcert", "PGSSLCERT", r"certificate file|certificate present", _CERTIFICATES),
    Setting("sslcertmode", "PGSSLCERTMODE", r"sslcertmode", "it may be disable, allow or require"),
    Setting("sslnegotiation", "PGSSLNEGOTIATION", r"sslnegotiation", "it may be postgres or direct"),
    Setting("ssl_min_protocol_version", "PGSSLMINPROTOCOLVERSION", r"ssl_min_protocol|protocol version", "it may be TLSv1.2 or TLSv1.3"),
    Setting("ssl_max_protocol_version", "PGSSLMAXPROTOCOLVERSION", r"ssl_max_protocol|protocol version", "it may be TLSv1.2 or TLSv1.3"),
    Setting("channel_binding", "PGCHANNELBINDING", r"channel.binding", "it may be disable, prefer or require"),
    Setting("gssencmode", "PGGSSENCMODE", r"gssencmode|GSSAPI encryption", "it may be disable, prefer or require"),
    Setting("require_auth", "PGREQUIREAUTH", r"require_auth|method requirement", "it names ways to sign in, such as scram-sha-256"),
    Setting(
        "target_session_attrs",
        "PGTARGETSESSIONATTRS",
        r"target_session_attrs|session is (not )?read-only|in hot standby mode",
        "it may be any, read-write, read-only, primary, standby or prefer-standby; a run needs a server that accepts writes",
    ),
    Setting("load_balance_hosts", "PGLOADBALANCEHOSTS", r"load_balance_hosts", "it may be disable or random"),
    Setting("requirepeer", "PGREQUIREPEER", r"requirepeer", "it names the operating system's user of the server"),
    Setting("options", "PGOPTIONS", r"command-line argument|configuration parameter", "it must look like -c NAME=VALUE"),
    Setting("timezone", "PGTZ", r"\"TimeZone\"", "it must be a time zone that PostgreSQL knows"),
    Setting("datestyle", "PGDATESTYLE", r"\"DateStyle\"", "it must be one of PostgreSQL's, such as ISO"),
    Setting("geqo", "PGGEQO", r"\"geqo\"", "it may be on or off"),
)
# Beside the settings: what makes up an address.
ADDRESS = {
    "host": ("the host", "PGHOST"),
    "port": ("the port", "PGPORT"),
    "dbname": ("the database's name", "PGDATABASE"),
    "user": ("the user", "PGUSER"),
    "password": ("the password", "PGPASSWORD"),
}

# Parameters of libpq's that are no setting above and no part of an address.
_OTHERS_OF_LIBPQ = (
    *("passfile", "keepalives", "keepalives_idle", "keepalives_interval", "keepalives_count", "tcp_user_timeout", "client_encoding"),
    *("application_name", "fallback_application_name", "replication", "requiressl", "sslcompression", "sslcrldir", "sslpassword", "sslsni"),
    *("sslkeylogfile", "krbsrvname", "gsslib", "gssdelegation", "min_protocol_version", "max_protocol_version", "scram_client_key"),
    *("scram_server_key", "oauth_issuer", "oauth_client_id", "oauth_client_secret", "oauth_scope"),
)
# What is read of a URL and is no parameter of libpq's.
_READ_BESIDE = ("schema", "ssl", "sslaccept")
_READ = frozenset((*(setting.option for setting in SETTINGS), *ADDRESS, *_OTHERS_OF_LIBPQ, *_READ_BESIDE))
# What other clients of the same URL know: Prisma, node-postgres and others for Node, SQLAlchemy, JDBC.
_OF_OTHER_CLIENTS = frozenset(
    (
        *("pgbouncer", "connection_limit", "pool_timeout", "socket_timeout", "sslidentity", "statement_cache_size"),
        *("max_connection_lifetime", "max_idle_connection_lifetime", "single_use_connections", "uselibpqcompat", "max", "min", "maxUses"),
        *("idleTimeoutMillis", "connectionTimeoutMillis", "query_timeout", "statement_timeout", "lock_timeout", "encoding", "binary"),
        *("idle_in_transaction_session_timeout", "keepAlive", "keepAliveInitialDelayMillis", "allowExitOnIdle", "maxLifetimeSeconds"),
        *("idle_timeout", "max_lifetime", "prepare", "fetch_types", "prepared_statement_cache_size", "command_timeout", "pool_mode"),
        *("ApplicationName", "connectTimeout", "loginTimeout", "socketTimeout", "tcpKeepAlive", "currentSchema", "sslfactory"),
    )
)
# Who asks for TLS in a word that nobody knows gets none, so less of a likeness will do.
_OF_TLS = ("ssl", "tls")
_NUMBER = r"\s*[+-]?\d{1,9}\s*"
# Name -> its form, and what it may be. Of the others libpq itself says what is wrong.
_VALUES = {
    "connect_timeout": (_NUMBER, "it must be a number of seconds"),
    "keepalives": (_NUMBER, "it may be 0 or 1"),
    "keepalives_idle": (_NUMBER, "it must be a number of seconds"),
    "keepalives_interval": (_NUMBER, "it must be a number of seconds"),
    "keepalives_count": (_NUMBER, "it must be a number"),
    "tcp_user_timeout": (_NUMBER, "it must be a number of milliseconds"),
    "sslaccept": ("strict|accept_invalid_certs", "it may be strict or accept_invalid_certs"),
}


def wrong_parameters(given: t.Mapping[str, str], source: str) -> str:
    """What is wrong with the parameters of a database's address; the empty text where nothing is. Shows no value.

    A name that only other clients know, or nobody, is no fault: the address is theirs, too.
    """
    said = []
    for name, value in given.items():
        meant = _parameter_meant(name)
        if meant:
            said.append(f"{name} in {source} is not a connection parameter of PostgreSQL{did_you_mean(meant)}")
        elif name in _VALUES and value and not re.fullmatch(_VALUES[name][0], value):
            said.append(f"Correct {name} in {source}: {_VALUES[name][1]}")
    return "; ".join(said)


def _parameter_meant(name: str) -> list[str]:
    """The parameter that a name nobody knows is near to. Nothing where it is known, or nearer to another client's."""
    if name in _READ or name in _OF_OTHER_CLIENTS:
        return []
    likeness = LIKE if name.lower().startswith(_OF_TLS) else VERY_LIKE
    near = near_names(name, sorted(_READ | _OF_OTHER_CLIENTS), likeness=likeness, series=False)
    return [one for one in near if one in _READ]


def wrong_setting(said: str, given: Given, source: str, environment: Environment) -> str:
    """What to do about an error of libpq's that is about a setting; the empty text where it is about none that was given."""
    for setting in SETTINGS:
        name = setting_name(setting.option, given, source, environment)
        if name and re.search(setting.error, said):
            return f"Correct {name}: {setting.allowed}"
    return ""


def setting_name(option: str, given: Given, source: str, environment: Environment) -> str:
    """How to name a setting; the empty text where it was not given."""
    variable = next(setting.variable for setting in SETTINGS if setting.option == option)
    if given is not None and option in given:
        return f"{option} in {source}"
    return f"{variable} in the environment" if environment.get(variable) else ""


def parts_of_address(options: t.Sequence[str], given: Given, source: str, environment: Environment) -> str:
    """How to name parts of a database's address: "the user in database_url and PGPASSWORD"."""
    by_variables = [option for option in options if given is None or (option not in given and environment.get(ADDRESS[option][1]))]
    nouns = [ADDRESS[option][0] for option in options if option not in by_variables]
    in_source = ["{0} in {1}".format(" and ".join(nouns), source)] if nouns else []
    return " and ".join(in_source + [ADDRESS[option][1] for option in by_variables])
