# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later
"""What changed between two versions of LiteLLM in the endpoints that the collection calls, by their own OpenAPI documents.

A document says which parameters and fields there are, and not what they do: the tests say that.
"""

from __future__ import annotations

import dataclasses
import tempfile
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.support.errors import SupportError
from tests.support.litellm import LiteLLMProxy, ProxyOptions

Operation = tuple[str, str]
# What _litellm and _providers call, as OpenAPI writes it.
CALLED: tuple[Operation, ...] = (
    ("GET", "/v2/model/info"),
    ("GET", "/model/info"),
    ("POST", "/model/new"),
    ("PATCH", "/model/{model_id}/update"),
    ("POST", "/model/delete"),
    ("GET", "/health/liveliness"),
    ("GET", "/health/readiness"),
    ("GET", "/router/settings"),
    ("GET", "/key/info"),
    ("POST", "/model_group/make_public"),
    ("GET", "/public/providers"),
    ("GET", "/public/litellm_model_cost_map"),
    ("GET", "/utils/supported_openai_params"),
)
_HOW_DEEP = 3


@dataclasses.dataclass(frozen=True, order=True)
class Change:
    """One difference: ``kind`` is operation, parameter or field; ``how`` is new, gone or changed."""

    method: str
    path: str
    kind: str
    name: str
    how: str


def api_of(version: str) -> dict[str, Any]:
    """Return the OpenAPI document of one version, from a proxy without a database that runs for as long as it takes."""
    with tempfile.TemporaryDirectory(prefix="litemaas-api-") as directory:
        proxy = LiteLLMProxy("api", Path(directory), ProxyOptions(version=version))
        proxy.start()
        try:
            proxy.wait()
            status, document = proxy.request("GET", "/openapi.json")
        finally:
            proxy.stop()
    if status != 200 or not isinstance(document, dict):
        raise SupportError(f"LiteLLM {version} answered {status} for /openapi.json")
    return document


def changes(old: Mapping[str, Any], new: Mapping[str, Any], operations: Iterable[Operation] = CALLED) -> list[Change]:
    """Return what differs between two documents in the given operations, in order."""
    found: list[Change] = []
    for method, path in operations:
        before, after = _parts(old, method, path), _parts(new, method, path)
        for kind, name in {*before, *after}:
            one, other = before.get((kind, name)), after.get((kind, name))
            if one != other:
                how = "new" if one is None else "gone" if other is None else f"changed: {one} -> {other}"
                found.append(Change(method, path, kind, name, how))
    return sorted(found)


def as_table(found: Iterable[Change]) -> str:
    """Return changes as a table in Markdown, names of the same change together."""
    together: dict[tuple[str, str, str, str], list[str]] = {}
    for change in found:
        together.setdefault((change.method, change.path, change.kind, change.how), []).append(f"`{change.name}`")
    lines = ["| Method | Path | What | Change | Names |", "| --- | --- | --- | --- | --- |"]
    for (method, path, kind, how), names in together.items():
        lines.append(f"| {method} | `{path}` | {kind} | {how} | {', '.join(names)} |")
    return "\n".join(lines)


def _parts(document: Mapping[str, Any], method: str, path: str) -> dict[tuple[str, str], str]:
    """Return an operation's parameters and the fields of its body, each with its type."""
    operation = document["paths"].get(path, {}).get(method.lower())
    if operation is None:
        return {}
    parts = {("operation", method): "there"}
    for parameter in operation.get("parameters", []):
        parts["parameter", parameter["name"]] = _type(parameter.get("schema", {}))
    content = operation.get("requestBody", {}).get("content", {}).get("application/json", {})
    for name, type_name in _fields(document, content.get("schema", {}), ""):
        parts["field", name] = type_name
    return parts


def _fields(document: Mapping[str, Any], schema: Mapping[str, Any], prefix: str) -> Iterator[tuple[str, str]]:
    """Yield the fields of a schema by their paths, such as ``litellm_params.rpm``."""
    for part in _resolved(document, schema):
        for name, field in part.get("properties", {}).items():
            path = f"{prefix}{name}"
            yield path, _type(field)
            if path.count(".") + 1 < _HOW_DEEP:
                yield from _fields(document, field, f"{path}.")


def _resolved(document: Mapping[str, Any], schema: Mapping[str, Any]) -> Iterator[Mapping[str, Any]]:
    """Yield a schema without references; of several alternatives each."""
    if "$ref" in schema:
        part: Any = document
        for key in schema["$ref"].removeprefix("#/").split("/"):
            part = part[key]
        yield from _resolved(document, part)
    elif any(word in schema for word in ("anyOf", "allOf", "oneOf")):
        for word in ("anyOf", "allOf", "oneOf"):
            for alternative in schema.get(word, []):
                yield from _resolved(document, alternative)
    else:
        yield schema


def _type(schema: Mapping[str, Any]) -> str:
    """Return the type of a field in a word or two."""
    alternatives = [*schema.get("anyOf", []), *schema.get("oneOf", []), *schema.get("allOf", [])]
    if alternatives:
        return " or ".join(sorted({_type(one) for one in alternatives}))
    return str(schema.get("type") or schema.get("$ref", "any").rpartition("/")[2])
