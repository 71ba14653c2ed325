# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""The options that say which cluster is meant: a kubeconfig that is given as text, and what of all of them is a secret."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import os
import typing as t

from ansible.module_utils.common.validation import check_type_dict

from ansible_collections.litemaas.models.plugins.module_utils._cluster.api_errors import unusable_credentials
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import ClusterError
from ansible_collections.litemaas.models.plugins.module_utils._common.secrets_in_text import url_password

Json = dict[str, t.Any]

# What may be shown of the options, and of a kubeconfig that is given as such: by the names that lead there. All else may be a secret.
_HARMLESS = frozenset(
    [
        "context",
        "username",
        "validate_certs",
        "ca_cert",
        "client_cert",
        "client_key",
        "no_proxy",
        "proxy_headers.user_agent",
        "impersonate_user",
        "impersonate_groups",
        "kubeconfig.apiVersion",
        "kubeconfig.kind",
        "kubeconfig.current-context",
        "kubeconfig.clusters.name",
        "kubeconfig.clusters.cluster.certificate-authority",
        "kubeconfig.clusters.cluster.tls-server-name",
        "kubeconfig.contexts.name",
        "kubeconfig.contexts.context.cluster",
        "kubeconfig.contexts.context.user",
        "kubeconfig.contexts.context.namespace",
        "kubeconfig.users.name",
        "kubeconfig.users.user.client-certificate",
        "kubeconfig.users.user.client-key",
        "kubeconfig.users.user.tokenFile",
        "kubeconfig.users.user.username",
        "kubeconfig.users.user.as",
        "kubeconfig.users.user.exec.apiVersion",
        "kubeconfig.users.user.exec.command",
        "kubeconfig.users.user.exec.interactiveMode",
        "kubeconfig.users.user.exec.env.name",
    ]
)
# The same, but for a password in it.
_ADDRESSES = frozenset(["host", "proxy", "kubeconfig.clusters.cluster.server", "kubeconfig.clusters.cluster.proxy-url"])


def secrets_of(options: t.Any) -> list[t.Any]:
    """The scalars that must not be shown of the option ``kubernetes``, as it was given: as a dictionary, as a text of one, or wrongly."""
    if isinstance(options, dict):
        return _secrets_at("", options)
    try:
        return [options, *_secrets_at("", check_type_dict(options))]
    except (TypeError, ValueError, RecursionError):
        return [options]


def _secrets_at(place: str, value: t.Any) -> list[t.Any]:
    """What may be a secret at a place, which is the names that lead there; a list is no place of its own."""
    if isinstance(value, dict):
        below = [_secrets_at(f"{place}.{name}".lstrip("."), member) for name, member in value.items()]
    elif isinstance(value, list):
        below = [_secrets_at(place, member) for member in value]
    elif place == "kubeconfig" and isinstance(value, str):
        below = [_secrets_of_text(value)]
    elif place in _ADDRESSES:
        below = [url_password(value)]
    else:
        below = [[] if place in _HARMLESS else [value]]
    return [secret for secrets in below for secret in secrets]


def _secrets_of_text(kubeconfig: str) -> list[t.Any]:
    if not is_content(kubeconfig):
        return []
    try:
        return [kubeconfig, *_secrets_at("kubeconfig", read_kubeconfig(kubeconfig))]
    except (ClusterError, ImportError, RecursionError):
        return [kubeconfig]


def is_content(kubeconfig: t.Any) -> bool:
    """Whether a kubeconfig is given as text, and not as a path: as what neither is there nor looks like one."""
    text = kubeconfig.strip() if isinstance(kubeconfig, str) else ""
    if "\n" in text or not text:
        return bool(text)
    return not (text.startswith(("/", "~", ".")) or any(os.path.exists(path) for path in text.split(os.pathsep)))


def read_kubeconfig(text: str) -> Json:
    """A kubeconfig's content, YAML or JSON. Raises ClusterError, whose text holds nothing of it."""
    import yaml

    try:
        content = yaml.safe_load(text)
    except (yaml.YAMLError, ValueError, RecursionError):
        content = None
    if not isinstance(content, dict):
        raise unusable_credentials("kubernetes.kubeconfig is neither a path nor the content of a kubeconfig")
    return content
