# Copyright: (c) 2026, LiteMaaS models contributors
# GNU General Public License v3.0+ (see LICENSE or https://www.gnu.org/licenses/gpl-3.0.txt)
# SPDX-License-Identifier: GPL-3.0-or-later

"""Python libraries that are not installed: all of them in one sentence, with what to do about it."""

# Note that this module util is PRIVATE to the collection. It can have breaking changes at any time.

from __future__ import annotations

import importlib
import shlex
import socket
import sys
import typing as t

from ansible_collections.litemaas.models.plugins.module_utils._common.errors import MissingLibrary

# What is imported -> what pip calls it.
DISTRIBUTIONS = {"requests": "requests", "psycopg2": "psycopg2-binary", "kubernetes": "kubernetes>=24.2.0"}
# Who lacks one of them usually lacks both.
ALWAYS = ("requests", "psycopg2")


def missing(library: str, otherwise: str = "") -> MissingLibrary:
    """The error of a run that needs a library. ``otherwise`` is what else would help."""
    names = [library, *(name for name in ALWAYS if name != library and _reason(name) is not None)]
    return MissingLibrary(sentence(sorted(names, key=list(DISTRIBUTIONS).index)) + otherwise, libraries=names)


def sentence(names: t.Sequence[str]) -> str:
    """What is missing, for which Python, and the command that installs it."""
    python = sys.executable or "python3"
    packages = " ".join(shlex.quote(DISTRIBUTIONS[name]) for name in names)
    # Of one that is there and cannot be loaded.
    broken = "".join(f" ({reason})" for reason in map(_reason, names) if reason)
    return (
        "The Python {0} {1} not installed{2} for the Python that runs this module on {3}. Install {4} there: {5} -m pip install {6}; "
        "or use an execution environment that has {4} (execution-environment.yml)"
    ).format(
        "library" if len(names) == 1 else "libraries",
        " and ".join((", ".join(names[:-1]), names[-1]) if names[1:] else names) + (" is" if len(names) == 1 else " are"),
        broken,
        socket.gethostname(),
        "it" if len(names) == 1 else "them",
        shlex.quote(python),
        packages,
    )


def _reason(name: str) -> str | None:
    """None where a library can be imported; else why not, which is the empty text where it is just not there."""
    try:
        importlib.import_module(name)
    except ModuleNotFoundError as error:
        return "" if error.name == name else str(error)
    except ImportError as error:
        return str(error)
    return None
