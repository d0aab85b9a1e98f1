"""Formats of commits: earlier ones are read as today's, later ones are refused."""

from __future__ import annotations

import pytest

from core.errors import UsageError
from ingest.log.formats import FORMAT, UPCASTERS, name_first_epoch, require_known, upcast


def test_every_earlier_format_has_an_upcaster() -> None:
    assert sorted(UPCASTERS) == list(range(1, FORMAT))


def test_a_commit_of_format_1_is_of_the_first_epoch() -> None:
    written = {"version": 3, "parts": []}
    assert upcast(written) == name_first_epoch(written) == {**written, "epoch": 1}
    assert written == {"version": 3, "parts": []}, "the chain is over what was written"


def test_todays_format_stays_as_it_is() -> None:
    facts = {"format": FORMAT, "version": 3, "epoch": 2}
    assert upcast(facts) == facts
    require_known(facts)
    require_known({"version": 3})


def test_a_later_format_is_refused_with_what_to_do() -> None:
    with pytest.raises(UsageError, match="wrote version 3 of the log"):
        require_known({"format": FORMAT + 1, "version": 3})
