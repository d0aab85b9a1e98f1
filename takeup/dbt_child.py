"""The process that dbt runs in: `python -m takeup.dbt_child FOLDER`, the warehouse's.

It loads dbt, then takes one line from standard input, an `Invocation` as JSON. That pipe is its
life as well: it ends when the process at the other end does, however that dies. A dbt that
outlived it would go on writing to the file that the next run builds.
"""

from __future__ import annotations

import gc
import json
import marshal
import os
import sys
import threading
from contextlib import suppress
from functools import cache
from importlib import import_module
from pathlib import Path
from queue import SimpleQueue
from typing import TYPE_CHECKING, Any, NoReturn, TypedDict

if TYPE_CHECKING:
    from dbt.cli.main import dbtRunnerResult

_templates: dict[tuple[str, str], Any] = {}
"""What was compiled of each template, by the class of its environment and its text."""


class Invocation(TypedDict):
    """What dbt is to do: arguments, environment, the file that its results go to, and the file
    in which compiled templates are kept from one build to the next."""

    arguments: list[str]
    environment: dict[str, str]
    results: str
    templates: str


def main() -> NoReturn:
    """Load dbt, wait for what it is to do, do it."""
    gc.disable()  # what dbt parses, it needs to the end: looking through it finds nothing
    asked: SimpleQueue[bytes] = SimpleQueue()
    threading.Thread(target=_listen, args=(asked,), daemon=True).start()
    _leave_out_needless_work()
    invocation: Invocation = json.loads(asked.get())
    sys.exit(0 if _invoke(invocation).success else 1)


def _listen(asked: SimpleQueue[bytes]) -> None:
    line = b""
    while not line.endswith(b"\n"):
        part = os.read(0, 2**16)
        if not part:
            os._exit(1)
        line += part
    asked.put(line)
    os.read(0, 1)
    os._exit(1)


def _invoke(invocation: Invocation) -> dbtRunnerResult:
    from dbt.cli.main import dbtRunner

    os.environ.update(invocation["environment"])
    os.chdir(sys.argv[1])
    known = _take_templates(Path(invocation["templates"]))
    done = dbtRunner().invoke(invocation["arguments"])
    if len(_templates) > known:
        _keep_templates(Path(invocation["templates"]))
    write = getattr(done.result, "write", None)
    if write is not None:
        write(invocation["results"])
    if done.exception is not None:
        print(done.exception)
    for result in getattr(done.result, "results", ()):
        if result.status in ("error", "fail", "runtime error"):
            print(f"{result.node.unique_id}: {result.message}")
    return done


def _take_templates(kept: Path) -> int:
    """Take the templates that earlier builds compiled; returns how many there are. What can't be
    read is compiled again."""
    with suppress(OSError, EOFError, ValueError, TypeError):
        _templates.update(marshal.loads(kept.read_bytes()))
    return len(_templates)


def _keep_templates(kept: Path) -> None:
    """A project that can't be written to has its templates compiled each time."""
    with suppress(OSError):
        kept.parent.mkdir(parents=True, exist_ok=True)
        # Several homes may build at once: each has a name of its own until it is whole.
        aside = kept.with_name(f"{kept.name}.{os.getpid()}")
        aside.write_bytes(marshal.dumps(_templates))
        aside.replace(kept)


def _leave_out_needless_work() -> None:
    """dbt, without what took a third of its time and changes nothing in the warehouse."""
    for name in ("dbt.cli.main", "dbt.adapters.duckdb"):
        import_module(name)
    from dbt.clients import jinja
    from dbt.contracts.graph.nodes import ParsedNode
    from dbt_common.clients import agate_helper

    _make_no_messages()
    # Nobody reads the files either: what was compiled of each node is in the results.
    ParsedNode.write_node = lambda *_: None  # type: ignore[method-assign]
    agate_helper.empty_table = cache(agate_helper.empty_table)
    jinja._render_cache = _Literals()
    _compile_each_template_once()
    _look_macros_up_once()


def _make_no_messages() -> None:
    """Nobody reads the messages: what went wrong is in the results. One is made where its text is
    asked for, because dbt words a few of its errors so."""
    from dbt_common.events.base_types import BaseEvent
    from dbt_common.events.event_manager import EventManager

    make: Any = BaseEvent.__init__
    look_up: Any = BaseEvent.__getattr__

    def keep(self: Any, *arguments: Any, **fields: Any) -> None:
        vars(self)["_unmade"] = arguments, fields

    def made(self: Any, name: str) -> Any:
        if "_unmade" in vars(self):
            arguments, fields = vars(self).pop("_unmade")
            make(self, *arguments, **fields)
        return look_up(self, name)

    BaseEvent.__init__ = keep  # type: ignore[method-assign]
    BaseEvent.__getattr__ = made  # type: ignore[method-assign]
    EventManager.fire_event = lambda *_, **__: None  # type: ignore[method-assign]


class _Literals(dict[str, Any]):
    """What an argument of a test means that is no template, which dbt makes a template of first."""

    def __contains__(self, text: object) -> bool:
        return True

    def __missing__(self, text: str) -> Any:
        from dbt_common.clients.jinja import quoted_native_concat

        # As a template, it would lose a line's end.
        return self.setdefault(text, quoted_native_concat(iter([text.removesuffix("\n")])))


def _compile_each_template_once() -> None:
    """A measure's SQL is a template of its model, of its table function, and of others' that
    render it; and it is the same in each build."""
    from dbt_common.clients.jinja import MacroFuzzEnvironment

    compile_template = MacroFuzzEnvironment.compile

    def compiled(self: Any, source: str, *arguments: Any, **options: Any) -> Any:
        if arguments or options:
            return compile_template(self, source, *arguments, **options)
        key = type(self).__qualname__, source
        if key not in _templates:
            _templates[key] = compile_template(self, source)
        return _templates[key]

    MacroFuzzEnvironment.compile = compiled  # type: ignore[assignment, method-assign]


def _look_macros_up_once() -> None:
    """Every rendering takes all macros by name, each from the first of five places that has it."""
    from dbt.context.macros import MacroNamespace

    def by_name(self: Any) -> dict[str, Any]:
        if "_by_name" not in vars(self):
            found: dict[str, Any] = {}
            for place in reversed(list(self._search_order())):
                found.update(place)
            self._by_name = found
        by_name: dict[str, Any] = self._by_name
        return by_name

    def look_up(self: Any, name: str) -> Any:
        return by_name(self)[name]

    MacroNamespace._keys = lambda self: set(by_name(self))  # type: ignore[method-assign]
    MacroNamespace.__getitem__ = look_up  # type: ignore[method-assign]


if __name__ == "__main__":
    main()
