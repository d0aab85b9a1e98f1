"""Packages that are imported when something of them is used."""

from __future__ import annotations

import sys
from importlib.util import find_spec

import pytest

from expectations.deferred import UNUSED, import_when_used


def test_a_package_is_there_when_something_of_it_is_used(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delitem(sys.modules, "colorsys", raising=False)
    import_when_used(["colorsys"])

    import colorsys

    stand_in = colorsys
    assert "rgb_to_hls" not in vars(stand_in)
    assert find_spec("colorsys") is not None
    with pytest.raises(AttributeError, match="nothing"):
        _ = stand_in.nothing  # type: ignore[attr-defined]
    assert stand_in.rgb_to_hls(0, 0, 0) == (0.0, 0.0, 0.0)
    assert sys.modules["colorsys"] is not stand_in
    assert stand_in.rgb_to_hls is sys.modules["colorsys"].rgb_to_hls


def test_what_is_imported_already_stays() -> None:
    import_when_used(["json"])

    assert "dumps" in vars(sys.modules["json"])
    assert all(find_spec(name) is not None for name in UNUSED)
