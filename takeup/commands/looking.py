"""What a home holds, whether it is sound, and where a figure comes from."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from takeup.commands.options import AsJson, Home, print_json, settings_of

if TYPE_CHECKING:
    from core.settings import Settings
    from takeup.alerts.observation import Found


def status(
    last: Annotated[
        bool, typer.Option("--last", help="What each step of the last run read, wrote and took.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """How the last run went, what is new and due, and what this home holds."""
    if last:
        _show_last_steps(settings_of(home), as_json=as_json)
        return
    from takeup.status import status_of

    found = status_of(settings_of(home))
    if as_json:
        print_json(found)
        return
    from takeup.status_screen import print_screen

    print_screen(found)


def _show_last_steps(settings: Settings, *, as_json: bool) -> None:
    from dataclasses import asdict

    from takeup.last_run import last_steps
    from takeup.step_table import lines_of

    steps = last_steps(settings)
    if as_json:
        print_json({"steps": [asdict(one) for one in steps]})
        return
    for line in lines_of(steps):
        print(line)


def alerts(
    test: Annotated[
        bool, typer.Option("--test", help="Send a test by each way that is on.")
    ] = False,
    failed: Annotated[
        bool, typer.Option("--failed", help="A scheduler says that its run failed or was killed.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Tell who is to be told of what is the matter, once a day, and show it."""
    from publish.display import printable
    from takeup.alerts.engine import holding, tell

    settings = settings_of(home)
    if test:
        _try_ways(settings)
        return
    said = ("the scheduler says that the run failed or was killed",)
    known: Found = {"run_failed": said} if failed else {}
    lines, found = tell(settings, known=known), holding(settings, known=known)
    if as_json:
        causes = [{"cause": cause.cause_id, "says": line} for cause, line in found]
        print_json({"holding": causes, "told": lines})
        return
    for number, (cause, line) in enumerate(found):
        if number == 0 or found[number - 1][0] != cause:
            print(f"{cause.title} ({cause.anchor})")
        print(f"  {printable(line)}")
    if not found:
        print("nothing is the matter")
    for line in lines:
        print(line)


def _try_ways(settings: Settings) -> None:
    from core.errors import TakeupError, UsageError
    from takeup.alerts.engine import try_ways

    tried = try_ways(settings)
    if not tried:
        raise UsageError(
            "no way is on: set TAKEUP_ALERT_EMAIL with TAKEUP_SMTP_HOST, or TAKEUP_ALERT_WEBHOOK"
        )
    for name, problem in tried:
        if problem is None:
            print(f"{name}: sent")
    if problems := [problem for _, problem in tried if problem is not None]:
        raise TakeupError(f"not sent: {'; '.join(problems)}")


def trace(
    service_id: Annotated[str, typer.Argument(help="Service.")],
    period: Annotated[str, typer.Argument(help="Quarter or month: 2015-Q1, 2015-03.")],
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Show the events behind a figure, with file and line."""
    from takeup.trace import trace_lines, trace_of

    found = trace_of(settings_of(home), service_id=service_id, period=period)
    if as_json:
        print_json(found)
    else:
        for line in trace_lines(found):
            print(line)


def site(
    serve: Annotated[
        bool, typer.Option("--serve", help="Show the pages on this machine until Ctrl-C.")
    ] = False,
    port: Annotated[int, typer.Option(help="With --serve: port on loopback.")] = 8014,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make the pages of the published file, for people to look at."""
    from dataclasses import asdict

    from core.live import showing
    from publish.pages.site.build import build_site
    from publish.pages.site.serve import serving
    from takeup.runs_page import write_runs_page

    settings = settings_of(home)
    if serve:
        with serving(settings, port=port) as server:
            print(f"http://{server.server_name}:{server.server_port}/ until Ctrl-C", flush=True)
            server.serve_forever()
    with showing(settings, "site"):
        built, runs = build_site(settings), write_runs_page(settings)
    if as_json:
        print_json(asdict(built) | {"runs": runs})
    else:
        print(f"pages: {built.made}\n{built.index}")
        if runs is not None:
            print(f"runs: {runs}")


def verify(
    landing: Annotated[
        bool, typer.Option("--landing", help="Hash every landed file again as well.")
    ] = False,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Check the log, hash by hash; exit 4 if anything is wrong."""
    from core.live import showing
    from takeup.verification import verify_home

    settings = settings_of(home)
    with showing(settings, "verify --landing" if landing else "verify"):
        found = verify_home(settings, copies=True, landing=landing)
    if as_json:
        print_json(vars(found))
    elif not found.problems:
        print(f"sound: {found.commits} commits, {found.files} files, head {found.head}")
        for note in found.notes:
            print(f"  {note}")
    found.require_sound()


def replay(as_json: AsJson = False, home: Home = None) -> None:
    """Make all tables again from the log, and compare them."""
    from core.lease import lease
    from core.live import showing
    from takeup.replay import replay as run_replay

    settings = settings_of(home)
    with lease(settings.home, purpose="replay"), showing(settings, "replay"):
        replayed = run_replay(settings)
    if as_json:
        print_json(replayed.as_dict())
    else:
        for line in replayed.lines():
            print(line)


def restore(
    copy: Annotated[Path, typer.Argument(help="Copy of a log, or of a home with a log in it.")],
    landing: Annotated[
        Path | None,
        typer.Option(help="Folder to take again what the copy lacks from, not the home's own."),
    ] = None,
    as_json: AsJson = False,
    home: Home = None,
) -> None:
    """Make a damaged or lost log again from a backup copy.

    What the copy lacks is taken from landing and archive again; the log before is kept beside.
    """
    from core.errors import UsageError
    from core.lease import lease
    from takeup.progress import file_lines, step_line
    from takeup.restore import restore as run_restore

    settings = settings_of(home)
    if landing is not None and not landing.is_dir():
        raise UsageError(f"no such folder: {landing}")
    with lease(settings.home, purpose="restore"):
        restored, result = run_restore(settings, copy.absolute(), landing=landing)
    if as_json:
        print_json(vars(restored))
        return
    print(step_line("ingest", result.facts()))
    for line in (*file_lines(result), *restored.lines()):
        print(line)
