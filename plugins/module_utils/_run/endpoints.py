# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Where a run's servers are: an option, else the environment, else what is found in the namespace. Decided here and nowhere else.

Each endpoint remembers where it is from, so that a message names what a person has to change.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import dataclasses
import enum
import os
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common import words
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError

PROXY, KEY, DATABASE, WITNESS, NAMESPACE = "litellm_url", "litellm_api_key", "database_url", "litellm_database_url", "namespace"
# Option -> variables of the environment that count where it is not given, in this order.
VARIABLES = {
    PROXY: ("LITELLM_API_URL", "LITELLM_BASE_URL"),
    KEY: ("LITELLM_API_KEY", "LITELLM_MASTER_KEY"),
    DATABASE: ("DATABASE_URL",),
    WITNESS: ("LITELLM_DATABASE_URL",),
    NAMESPACE: ("LITEMAAS_NAMESPACE",),
}
# Options whose empty text says that there is none, whatever the environment says.
EMPTY_IS_NONE = (WITNESS, NAMESPACE)
# Any of these in the environment says which database is meant where no URL is given.
PG_VARIABLES = ("PGHOST", "PGHOSTADDR", "PGSERVICE", "PGDATABASE")
# How messages call them.
LIBPQ_VARIABLES = "the variables PGHOST, PGDATABASE and the like"


class Kind(enum.Enum):
    """In which way a value got into a run."""

    MISSING = enum.auto()
    OPTION = enum.auto()
    ENVIRONMENT = enum.auto()
    LIBPQ = enum.auto()
    FOUND = enum.auto()


@dataclasses.dataclass(frozen=True)
class Origin:
    """Where a value is from. ``name`` is how a person calls it: an option or a variable, or what it was found as in a namespace.

    ``option`` is the module's option that it stands for. ``namespace`` is where it was found.
    """

    kind: Kind
    option: str
    name: str
    namespace: str = ""


@dataclasses.dataclass(frozen=True)
class Endpoint:
    """An address, or a key, and where it is from. The empty text where there is none.

    With ``socket_path`` it is reached through that Unix socket; ``problems`` fills with what goes wrong in the tunnel behind it.
    """

    value: str
    origin: Origin
    socket_path: str = ""
    problems: t.Sequence[str] = ()


@dataclasses.dataclass(frozen=True)
class Proxy:
    """LiteLLM's address and its key."""

    url: Endpoint
    key: Endpoint


@dataclasses.dataclass(frozen=True)
class Reached:
    """Where a server is to be connected to: an address, or what a tunnel has in its place, which may be the folder of a Unix socket.

    ``pod`` and ``namespace`` name the pod at the other end of a tunnel; ``problems`` fills with what goes wrong in it.
    """

    host: str
    port: int
    pod: str = ""
    namespace: str = ""
    socket_path: str = ""
    problems: t.Sequence[str] = ()


class Installation(t.Protocol):
    """What a namespace tells about LiteLLM and the backend's database. Each method raises DiscoveryFailed or a ClusterError."""

    namespace: str
    found_litellm: bool

    def litellm(self) -> Endpoint:
        """LiteLLM's address."""

    def litellm_key(self) -> Endpoint:
        """LiteLLM's admin key."""

    def database_url(self) -> Endpoint:
        """The backend's DATABASE_URL, as it is inside of the cluster. Not for another LiteLLM's models."""

    def database_of_backend(self) -> Endpoint:
        """The backend's DATABASE_URL, whoever asks."""

    def same_host(self, given_host: str, used: str) -> bool:
        """Whether a host that was given is the one that the backend calls ``used``."""

    def reach_database(self, host: str, port: int, tls: bool = False) -> Reached:
        """Get to a database that the backend knows by host and port."""

    def tell(self, name: str, text: str) -> None:
        """Let the result say what was found."""


class Asking(t.Protocol):
    """What is needed of a run: its options, the installation in its namespace, if it names one, and where secrets are kept."""

    params: dict[str, t.Any]
    installation: Installation | None

    def keep_secret(self, *values: t.Any) -> None:
        """Take values out of everything that this run prints."""


def resolve(option: str, value: t.Any, environment: t.Mapping[str, str]) -> Endpoint:
    """What counts for an option that has this value: that, else the environment. Asks no cluster."""
    text = str(value or "").strip()
    if text:
        variable = words.variable_behind(option)
        return Endpoint(text, Origin(Kind.ENVIRONMENT if variable else Kind.OPTION, option, variable or words.option(option)))
    if value is None or option not in EMPTY_IS_NONE:
        for name in VARIABLES[option]:
            if (environment.get(name) or "").strip():
                return Endpoint(environment[name].strip(), Origin(Kind.ENVIRONMENT, option, name))
    if option == DATABASE and any(environment.get(name) for name in PG_VARIABLES):
        return Endpoint("", Origin(Kind.LIBPQ, option, LIBPQ_VARIABLES))
    return Endpoint("", Origin(Kind.MISSING, option, words.option(option)))


def given(params: t.Mapping[str, t.Any], option: str) -> Endpoint:
    """The same for a module's options and the environment of its process."""
    return resolve(option, params.get(option), os.environ)


def proxy(run: Asking) -> Proxy:
    """The proxy: what is given, else what is found. Raises InputError where it is neither, DiscoveryFailed, ClusterError."""
    installation = run.installation
    key, url = given(run.params, KEY), given(run.params, PROXY)
    if installation and not key.value:
        key = installation.litellm_key()
    _check_there(key)
    run.keep_secret(key.value)
    if installation and not url.value:
        url = installation.litellm()
    _check_there(url)
    return Proxy(url, key)


def database(run: Asking) -> Endpoint:
    """The backend's database: its URL, given or found; without a URL where libpq's variables are the address.

    What was found has a host that means something inside of the cluster only. Raises InputError where there is none,
    DiscoveryFailed, ClusterError.
    """
    url = given(run.params, DATABASE)
    run.keep_secret(url.value)
    if url.origin.kind is not Kind.MISSING:
        return url
    if run.installation:
        return run.installation.database_url()
    raise InputError(
        f"{url.origin.name} is required: set the option, DATABASE_URL, or PGHOST and PGDATABASE, or set {words.option(NAMESPACE)}"
    )


def witness(run: Asking) -> Endpoint | None:
    """LiteLLM's own database; None where it is not given. It is never looked for."""
    url = given(run.params, WITNESS)
    run.keep_secret(url.value)
    return url if url.value else None


def _check_there(endpoint: Endpoint) -> None:
    """Raise InputError where there is no value."""
    origin = endpoint.origin
    if not endpoint.value:
        variable = VARIABLES[origin.option][0]
        raise InputError(
            f"{origin.name} is required: set the option, or {variable} in the environment, or set {words.option(NAMESPACE)} to have it "
            "discovered"
        )
