# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""kubernetes.core's client for the options that are given, and for its variables in the environment.

Options that say which cluster or which user are not mixed with variables that say the same: see ``_overruled``.

The imports are inside of functions: a run that needs no cluster does not pay for them and does not need them.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import contextlib
import logging
import os
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._cluster.api_errors import one_line, without_login
from ansible_collections.litemaas.models.plugins.module_utils._cluster.kubeconfig import Json, is_content
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import MissingLibrary
from ansible_collections.litemaas.models.plugins.module_utils._common.libraries import missing

# kubernetes.core's variables, and those of them that are secrets.
VARIABLE_PREFIX = "K8S_AUTH_"
SECRET_VARIABLES = ("API_KEY", "PASSWORD", "PROXY_HEADERS_PROXY_BASIC_AUTH", "PROXY_HEADERS_BASIC_AUTH")

# Beginnings of the names of its variables: how to get to a cluster, whichever that is; and which cluster it is.
_ROUTE_VARIABLES = ("PROXY", "NO_PROXY")
_SERVER_VARIABLES = ("HOST", "VERIFY_SSL", "VALIDATE_CERTS", "SSL_CA_CERT", "CA_CERT", "KUBECONFIG", "CONTEXT")


def import_libraries() -> None:
    """Raise MissingLibrary where something is not installed."""
    try:
        import kubernetes.dynamic  # noqa: F401 # pylint: disable=unused-import
        import websocket  # noqa: F401 # pylint: disable=unused-import
    except ImportError:
        raise missing(
            "kubernetes", ". Without kubernetes: give litellm_url, litellm_api_key and database_url instead of namespace"
        ) from None
    try:
        from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import (  # noqa: F401 # pylint: disable=unused-import
            get_api_client,
        )
    except ImportError:
        raise MissingLibrary(
            "The collection kubernetes.core is not installed, so the namespace cannot be searched: "
            "ansible-galaxy collection install kubernetes.core, or give litellm_url, litellm_api_key and database_url"
        ) from None


def dynamic_client(options: Json) -> t.Any:
    """The client of kubernetes.core. Raises CoreException and what its libraries raise."""
    from kubernetes.config import ConfigException

    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.client import get_api_client
    from ansible_collections.kubernetes.core.plugins.module_utils.k8s.exceptions import CoreException

    with _without_variables(_overruled(options)), _programs_complaint():
        try:
            return get_api_client(**options).client
        except (CoreException, ConfigException) as error:
            raise CoreException(_why_unusable(options, str(error))) from error


def _why_unusable(options: Json, reason: str) -> str:
    """The reason with the kubeconfig that it is about. Of what is given as one, only what is clearly a path is shown."""
    kubeconfigs = {
        "kubernetes.kubeconfig": options.get("kubeconfig"),
        "K8S_AUTH_KUBECONFIG": os.environ.get("K8S_AUTH_KUBECONFIG"),
        "KUBECONFIG": os.environ.get("KUBECONFIG"),
    }
    for name, given in kubeconfigs.items():
        if given:
            is_path = str(given).startswith(("/", "~", ".")) and not is_content(given)
            return "the kubeconfig of {0}{1}: {2}".format(name, f" ({given})" if is_path else "", reason)
    if options.get("host") or os.environ.get("K8S_AUTH_HOST"):
        return "kubernetes.host (K8S_AUTH_HOST) is set, but its token, kubernetes.api_key (K8S_AUTH_API_KEY), is missing"
    return f"the kubeconfig ~/.kube/config: {reason}"


@contextlib.contextmanager
def _programs_complaint() -> t.Iterator[None]:
    """Raise ConfigException where a kubeconfig's program gives no credentials: kubernetes logs that, and goes on as nobody."""
    from kubernetes.config import ConfigException

    said: list[str] = []

    class Listening(logging.Handler):
        def emit(self, record: logging.LogRecord) -> None:
            if record.funcName == "_load_from_exec_plugin":
                said.append(one_line(record.getMessage()))

    listening = Listening()
    logging.getLogger().addHandler(listening)
    try:
        yield
    finally:
        logging.getLogger().removeHandler(listening)
        if said:
            raise ConfigException(f"the program that the kubeconfig names gives none ({said[0]})") from None


def _overruled(options: t.Mapping[str, t.Any]) -> list[str]:
    """The variables that must not count beside these options: a kubeconfig or a host means that cluster and nobody of another one.

    kubernetes.core prefers a host and a token, wherever they come from, to a kubeconfig, and impersonates whom a variable names.
    """
    if options.get("kubeconfig") or options.get("host"):
        counting: tuple[str, ...] = _ROUTE_VARIABLES
    elif options.get("context"):
        counting = (*_ROUTE_VARIABLES, "KUBECONFIG")
    elif any(options.get(name) for name in ("api_key", "username", "password", "client_cert")):
        counting = _ROUTE_VARIABLES + _SERVER_VARIABLES
    else:
        return []
    return [name for name in os.environ if name.startswith(VARIABLE_PREFIX) and not name[len(VARIABLE_PREFIX) :].startswith(counting)]


@contextlib.contextmanager
def _without_variables(names: list[str]) -> t.Iterator[None]:
    taken = {name: os.environ.pop(name) for name in names}
    try:
        yield
    finally:
        os.environ.update(taken)


def given_host(options: t.Mapping[str, t.Any]) -> str:
    """The address that an option or a variable gives, or the empty text."""
    name = VARIABLE_PREFIX + "HOST"
    return str(options.get("host") or ("" if name in _overruled(options) else os.environ.get(name)) or "")


def meant_server(options: Json) -> str:
    """The address for a message, when there is no client yet: what was given, else what the kubeconfig that was read says."""
    import kubernetes

    given = given_host(options)
    read = kubernetes.client.Configuration.get_default_copy().host
    if not given and read == kubernetes.client.Configuration().host:
        return "the address of the kubeconfig"
    return without_login(given or read)
