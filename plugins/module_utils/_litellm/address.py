# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Pure: whose fault an answer is that LiteLLM does not give to a question, and what the address should be instead.

LiteLLM says at one path, and to everybody, that it is alive. Where it says so at the address that was given, the address is right.
Where it says so at a shorter one, the rest is to be dropped. A path by itself is no mistake: LiteLLM may be published under one.
"""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import re
import typing as t
from urllib.parse import urljoin, urlsplit

from ansible_collections.litemaas.models.plugins.module_utils._common import words
from ansible_collections.litemaas.models.plugins.module_utils._common.errors import InputError, ProxyError, ProxyTimeout, WrongAddress
from ansible_collections.litemaas.models.plugins.module_utils._run.endpoints import Endpoint, Origin

# So many shorter addresses are asked at most.
MOST_PARTS = 5
# Answers of a server that is not well, which tell nothing about its address.
UNWELL = (429, 502, 503, 504)
# How a connection fails that is to a name which nobody has.
_NO_SUCH_HOST = "Failed to resolve|Name or service not known|nodename nor servname|[Nn]ame resolution|getaddrinfo"

# Whether LiteLLM is at an address; None where nobody answers.
Ask = t.Callable[[str], t.Optional[bool]]


def clean_url(endpoint: Endpoint) -> str:
    """The proxy's address without a trailing slash or /v1. Raises InputError, which names where it is from."""
    url, source = endpoint.value.strip().rstrip("/"), endpoint.origin.name
    if url.endswith("/v1"):
        url = url[: -len("/v1")]
    if not url.lower().startswith(("http://", "https://")):
        raise InputError(f"{source} must start with http:// or https://")
    if "?" in url or "#" in url or any(character.isspace() for character in url):
        sentence = (
            "{0} must be an address alone, like https://HOST: drop what begins with ? or #, and blanks (percent-encode them in a password)"
        )
        raise InputError(sentence.format(source))
    try:
        parts = urlsplit(url)
        usable = bool(parts.hostname) and parts.port != 0
    except ValueError:
        usable = False
    if not usable:
        raise InputError(f"{source} has no host, or a host or a port that cannot be: it must look like https://HOST:PORT")
    return url


def explained(error: ProxyError, url: str, option: str, ask: Ask) -> ProxyError:
    """The error of the first question to a proxy, or a better one that says what is wrong with its address.

    ``option`` is what a person has to change.
    """
    if error.leads_to:
        return _redirected(url, error.leads_to, option, ask)
    if isinstance(error, ProxyTimeout):
        return _too_late(error, url, option, ask)
    status = error.details.get("status")
    if not error.foreign and (status is None or status in UNWELL or not urlsplit(url).path):
        return error
    if ask(url):
        return _of_litellm_itself(error, url)
    answered = error.foreign or f"HTTP {status}"
    found = next((address for address in shorter(url) if ask(address)), None)
    if found:
        return _too_long(url, found, answered, option, status)
    if not error.foreign:
        return error
    sentence = (
        "No LiteLLM is at {0} ({1}). Check {2}: it is the address of the proxy's API, with the path under which LiteLLM is published "
        "if there is one, and without that of a page (/ui) or of an endpoint (/v1/models)"
    )
    return WrongAddress(sentence.format(url, answered, option), status=status)


def advice(cause: str, origin: Origin) -> str:
    """What to do about a connection that could not be made to an address from there."""
    if origin.namespace:
        sentence = "It was found in namespace {0}: check that LiteLLM runs there and can be reached from here, or give {1}"
        return sentence.format(origin.namespace, words.option(origin.option))
    if re.search(_NO_SUCH_HOST, cause):
        return f"Check the host in {origin.name}"
    return f"Check the host and the port in {origin.name}, and that LiteLLM runs there and can be reached from here"


def shorter(url: str) -> list[str]:
    """The address without the last part of its path, without the last two, and so on."""
    end = len(url) - len(urlsplit(url).path)
    found: list[str] = []
    while len(found) < MOST_PARTS and "/" in url[end:]:
        url = url.rpartition("/")[0].rstrip("/")
        found.append(url)
    return found


def target(url: str, path: str, location: str) -> str:
    """The address to which a redirect leads, without what was asked there, query and login; the empty text where there is none."""
    try:
        parts = urlsplit(urljoin(url + path, location.strip()))
        port = parts.port
    except ValueError:
        return ""
    if not location.strip() or parts.scheme not in ("http", "https") or not parts.hostname:
        return ""
    host = f"[{parts.hostname}]" if ":" in parts.hostname else parts.hostname
    led = parts.path.rstrip("/")
    ending = path.rstrip("/")
    return "{0}://{1}{2}{3}".format(parts.scheme, host, f":{port}" if port else "", led[: -len(ending)] if led.endswith(ending) else led)


def _too_late(error: ProxyTimeout, url: str, option: str, ask: Ask) -> ProxyError:
    """The error of an address that does not answer. Some of LiteLLM's routes to others do not (/mcp on 1.110)."""
    parts = shorter(url)
    if not parts or ask(url) or not ask(parts[-1]):
        return error
    return _too_long(url, parts[-1], "no answer", option, None)


def _too_long(url: str, found: str, answered: str, option: str, status: int | None) -> ProxyError:
    """The error of an address of which the end is to be dropped."""
    sentence = "No LiteLLM is at {0} ({1}), but there is one at {2}: drop {3} from {4}"
    return WrongAddress(sentence.format(url, answered, found, url[len(found) :], option), status=status)


def _of_litellm_itself(error: ProxyError, url: str) -> ProxyError:
    """The error of an address that is right."""
    if error.foreign and error.details.get("status") == 404:
        error.message = (
            f"LiteLLM is at {url} and has no list of models there ({error.foreign}): it is older than 1.81, or what stands before "
            "it blocks that path"
        )
    return error


def _redirected(url: str, leads_to: str, option: str, ask: Ask) -> ProxyError:
    """What to do about a redirect. Only the host that was given is asked."""
    sentence = f"LiteLLM at {url} answers with a redirect to {leads_to}"
    if leads_to == url:
        return WrongAddress(sentence + ", which is the same address: the server in front of it is misconfigured")
    if urlsplit(leads_to).hostname != urlsplit(url).hostname:
        return WrongAddress(sentence + f". If LiteLLM is there, and not a page to sign in, give that address as {option}")
    answers = {address: ask(address) for address in (leads_to, *shorter(leads_to))}
    found = next((address for address, answer in answers.items() if answer), None)
    if found is None and None in answers.values():
        # Nobody could be asked, for example because its certificate is not trusted.
        found = leads_to
    if found is None:
        return WrongAddress(sentence + f", where no LiteLLM is. Check {option}")
    return WrongAddress(f"{sentence}: give {found} as {option}")
