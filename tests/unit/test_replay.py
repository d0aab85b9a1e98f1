"""What a replay says of the tables that it made again."""

from __future__ import annotations

import pytest

from takeup.replay import Replayed

SAME = {"take_up": "sha256:1", "services": "sha256:2"}
OTHER = SAME | {"take_up": "sha256:3"}


@pytest.mark.parametrize(
    ("replayed", "said"),
    [
        (Replayed(None, SAME), "there was no published file to compare with"),
        (Replayed(SAME, SAME), "every table is what it was, to the last row"),
        (
            Replayed(SAME, OTHER, changed=("log",)),
            "other than before (the log changed since): take_up",
        ),
        (
            Replayed(SAME, OTHER, changed=("log", "code")),
            "other than before (the log and the code changed since): take_up",
        ),
        (
            Replayed(SAME, OTHER),
            "other than before (with the same log and code: look into it): take_up",
        ),
    ],
)
def test_what_differs_is_named_with_what_changed(replayed: Replayed, said: str) -> None:
    assert list(replayed.lines()) == ["replayed 2 tables from the log", said]


def test_a_table_that_only_one_of_them_has_differs() -> None:
    assert Replayed(SAME, {"services": "sha256:2"}).differing == ["take_up"]
