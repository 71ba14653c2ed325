# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""Gateways in front of LiteLLM that do not hand on what is asked, or answer in its place: faults for a ``Recorder``."""

from __future__ import annotations

import dataclasses
import urllib.parse
from collections.abc import Callable

from tests.support.recorder import Answer, Fault, FaultChooser, RecordedRequest

Key = Callable[[RecordedRequest], str]


def honest(request: RecordedRequest) -> Fault | None:
    """Hand everything on."""
    return None


def by_path(request: RecordedRequest) -> str:
    """What a cache goes by that takes a path for the whole question."""
    return request.path.split("?")[0]


def by_url(request: RecordedRequest) -> str:
    """What most caches go by."""
    return request.path


def without_query(request: RecordedRequest) -> Fault:
    """Ask LiteLLM for the path alone."""
    return Fault(path=by_path(request))


def without(*names: str) -> FaultChooser:
    """Return a gateway that leaves out these parameters."""

    def choose(request: RecordedRequest) -> Fault:
        parts = urllib.parse.urlsplit(request.path)
        left = [(name, value) for name, value in urllib.parse.parse_qsl(parts.query, keep_blank_values=True) if name not in names]
        return Fault(path=urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(left))))

    return choose


def only(*names: str) -> FaultChooser:
    """Return a gateway that hands on the parameters that it knows."""

    def choose(request: RecordedRequest) -> Fault:
        parts = urllib.parse.urlsplit(request.path)
        left = [(name, value) for name, value in urllib.parse.parse_qsl(parts.query, keep_blank_values=True) if name in names]
        return Fault(path=urllib.parse.urlunsplit(parts._replace(query=urllib.parse.urlencode(left))))

    return choose


def cache(key: Key, headers: dict[str, str] | None = None, asked_not_to: bool = True) -> FaultChooser:
    """Return a cache of whatever a GET is answered, for ever; its own answers have these headers.

    ``asked_not_to``: whether it also answers who asks for an answer of the server itself.
    """
    kept: dict[str, Answer] = {}

    def choose(request: RecordedRequest) -> Fault | None:
        known = {name.lower(): value for name, value in request.headers.items()}
        if request.method != "GET" or (not asked_not_to and "no-cache" in known.get("cache-control", "")):
            return None
        own = kept.get(key(request))
        if own is not None:
            return Fault(forward=False, answer=dataclasses.replace(own, headers={**own.headers, **(headers or {})}))

        def keep(answer: Answer) -> Answer:
            kept[key(request)] = answer
            return answer

        return Fault(keep=keep, without=("Cache-Control", "Pragma"))

    return choose
