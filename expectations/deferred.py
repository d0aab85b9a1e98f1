"""Imports Great Expectations, but not the packages that it imports for one of its expectations,
which nobody here asks."""

from __future__ import annotations

import logging
import sys
from collections.abc import Sequence
from contextlib import suppress
from importlib import import_module
from importlib.util import find_spec
from threading import Thread
from types import ModuleType
from typing import Any

UNUSED = ("altair", "scipy.stats")
"""A third of the time that its import takes."""


def load_runner() -> None:
    """Import Great Expectations, which takes seconds, as `expectations.runner` uses it.

    What it logs goes nowhere: what kept an expectation from being evaluated is in its result, and
    the library would print it with its traceback.
    """
    logging.getLogger("great_expectations").addHandler(logging.NullHandler())
    import_when_used()
    import_module("expectations.runner")


def load_runner_aside() -> None:
    """Begin to import it in a thread; why it can't be, whoever needs it will say."""

    def load() -> None:
        with suppress(Exception):
            load_runner()

    Thread(target=load).start()


def import_when_used(names: Sequence[str] = UNUSED) -> None:
    """Let `import` of each give a module that imports the package when something of it is used."""
    for name in names:
        if name not in sys.modules:
            sys.modules[name] = _stand_in(name)


def _stand_in(name: str) -> ModuleType:
    module = ModuleType(name)
    module.__spec__ = find_spec(name)

    def imported(attribute: str) -> Any:
        if sys.modules.get(name) is module:
            del sys.modules[name]
        return getattr(import_module(name), attribute)

    module.__getattr__ = imported  # type: ignore[method-assign]
    return module
