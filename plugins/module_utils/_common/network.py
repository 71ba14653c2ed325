# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""What a connection that failed says of itself, in words that a person can act on, and how servers are verified."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import os
import re
import ssl
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.environment import (
    SOCKS,
    authorities_fault,
    authorities_variable,
    proxy_fault,
    proxy_variable,
)
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError

try:
    import requests
    import urllib3
except ImportError:
    requests = None  # type: ignore[assignment]

REPEATED_STATUS = frozenset((429, 502, 503, 504))


def through_proxy(error: BaseException, url: str) -> str:
    """The beginning of the reason of a connection that was not made: through which proxy it should have gone, if any."""
    name = proxy_variable(url, os.environ)
    if not isinstance(error, requests.exceptions.ProxyError) and not os.environ.get(name, "").lower().startswith(SOCKS):
        return ""
    return "cannot connect through the proxy that {0} in the environment names: ".format(name or "HTTP_PROXY")


def unusable(error: BaseException, url: str) -> str:
    """Why requests made no connection at all: what is wrong in the environment, or the error's kind. Never holds an address."""
    name = proxy_variable(url, os.environ)
    fault = proxy_fault(name, os.environ) if name else ""
    if fault:
        return fault
    name = authorities_variable(os.environ)
    if type(error) is OSError and name:  # pylint: disable=unidiomatic-typecheck
        return authorities_fault(name)
    return type(error).__name__


def tls_reason(error: BaseException) -> tuple[str, bool]:
    """Why there is no TLS connection, and whether it is our own refusal of the certificate."""
    cause = root_cause(error)
    variable = authorities_variable(os.environ)
    if variable and re.search(r"NO_CERTIFICATE_OR_CRL_FOUND|PEM lib|\[X509\]", cause):
        return authorities_fault(variable), True
    if "mismatch" in cause or "doesn't match" in cause:
        return f"its certificate is for another name ({cause}). Use an address that is in the certificate", True
    if "has expired" in cause:
        return f"its certificate has expired ({cause})", True
    if "CERTIFICATE_VERIFY_FAILED" in cause:
        sentence = f"its certificate is not trusted ({cause}). Give its CA with ca_path, or set validate_certs to false"
        return sentence + (f". {variable} in the environment names the trusted CAs" if variable else ""), True
    return f"no TLS connection ({cause}). Check whether the address must begin with http or https", False


def never_made(error: BaseException) -> bool:
    """Whether a requests error says that there was no connection, so that nothing was sent."""
    innermost = _innermost(error)
    return isinstance(innermost, urllib3.exceptions.NewConnectionError) or "Tunnel connection failed" in str(innermost)


def root_cause(error: BaseException) -> str:
    """The innermost reason of a requests error: "[Errno 111] Connection refused"."""
    text = str(_innermost(error))
    # urllib3 writes its own objects before the reason: "<...HTTPConnection object at 0x7f...>: Failed to ...: [Errno 111] ...".
    return text.rsplit(": ", 1)[-1] if "HTTP" in text and "Connection" in text else text[:200]


def _innermost(error: t.Any) -> t.Any:
    for _depth in range(10):
        inner = getattr(error, "reason", None)
        if not isinstance(inner, BaseException):
            inner = next((part for part in reversed(error.args) if isinstance(part, BaseException)), None)
        if inner is None:
            break
        error = inner
    return error


def verification(params: t.Mapping[str, t.Any]) -> bool | str:
    """requests' ``verify`` for the options validate_certs and ca_path. Raises InputError where ca_path is of no use."""
    if not params["validate_certs"]:
        return False
    path = params["ca_path"]
    if not path:
        return True
    if not os.path.isfile(path):
        raise InputError(f"ca_path must be a file with CA certificates; {path} is not a file")
    try:
        ssl.create_default_context(cafile=path)
    except OSError as error:
        raise InputError(f"ca_path must be a file with CA certificates in PEM format: {path} cannot be used ({error})") from None
    return str(path)
