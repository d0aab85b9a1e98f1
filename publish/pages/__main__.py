"""`make docs`: writes the generated pages of docs/, or only checks that they are current."""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from core.errors import TakeupError
from core.settings import Settings
from publish.pages.registry import check_pages, write_pages


def main(arguments: list[str]) -> int:
    """The command; 0, or the exit code of what went wrong."""
    parser = argparse.ArgumentParser(prog="python -m publish.pages", description=__doc__)
    parser.add_argument("home", type=Path, nargs="?", help="also those from this published file")
    parser.add_argument("--check", action="store_true", help="write nothing; exit 1 if not current")
    given = parser.parse_args(arguments)
    try:
        file = None if given.home is None else Settings.load(given.home).published_file
        told = (check_pages if given.check else write_pages)(file)
    except TakeupError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    print("\n".join(told))
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
