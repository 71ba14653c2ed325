# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

"""What an option says, or the variables of the environment that stand for it: enough to know what else a run has to load."""

from __future__ import annotations

import os
import typing as t

URL_VARIABLES = ("LITELLM_API_URL", "LITELLM_BASE_URL")

WITNESS_OPTION = "litellm_database_url"
WITNESS_VARIABLE = "LITELLM_DATABASE_URL"


def given(params: t.Mapping[str, t.Any], option: str, variables: t.Sequence[str]) -> str:
    """An option's value, else the first of the variables that has one; the empty text where it is not given."""
    return given_as(params, option, variables)[0]


def given_as(params: t.Mapping[str, t.Any], option: str, variables: t.Sequence[str]) -> tuple[str, str]:
    """The same, with the name under which it was given; the option's where it was not.

    An option may have got what the environment says, from Ansible or from the role.
    """
    values = [str(value or "").strip() for value in (params.get(option), *(os.environ.get(name) for name in variables))]
    value = next((value for value in values if value), "")
    return value, next((name for name, other in zip(variables, values[1:]) if value and other == value), option)


def witness_url(params: t.Mapping[str, t.Any]) -> tuple[str, str]:
    """The URL of LiteLLM's database and the name it came under. An empty option is none, whatever the environment says."""
    value = params.get(WITNESS_OPTION)
    if value is None:
        return (os.environ.get(WITNESS_VARIABLE) or "").strip(), WITNESS_VARIABLE
    return str(value).strip(), WITNESS_OPTION
