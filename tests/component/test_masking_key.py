"""The key of the digests that masked values leave."""

from __future__ import annotations

import stat
from pathlib import Path

from ingest.validation.masking import masking_key


def test_the_key_is_made_once_and_for_its_owner(tmp_path: Path) -> None:
    path = tmp_path / "home" / "masking.key"
    key = masking_key(path)
    assert len(key) == 32
    assert masking_key(path) == key
    assert stat.S_IMODE(path.stat().st_mode) == 0o600
    assert masking_key(tmp_path / "other.key") != key
