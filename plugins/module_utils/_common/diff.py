# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Before and after of what changes, in a stable order, for --diff. Only managed fields; secrets were replaced before. Pure."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import typing as t

# (what it is called in the diff, [(field, before, after), ...])
Changed = tuple[str, t.Sequence[tuple[str, t.Any, t.Any]]]

Diff = dict[str, t.Any]


def before_after(changed: t.Iterable[Changed], header: str) -> Diff:
    """Ansible's diff of these objects. A field that is not there on one side (None) is left out on that side."""
    before: dict[str, dict[str, t.Any]] = {}
    after: dict[str, dict[str, t.Any]] = {}
    for label, fields in sorted(changed, key=lambda one: one[0]):
        before_fields = {name: old for name, old, dummy in sorted(fields, key=_name) if old is not None}
        after_fields = {name: new for name, dummy, new in sorted(fields, key=_name) if new is not None}
        if before_fields:
            before[label] = before_fields
        if after_fields:
            after[label] = after_fields
    return {"before_header": header, "after_header": header, "before": before, "after": after}


def _name(field: tuple[str, t.Any, t.Any]) -> str:
    return field[0]
