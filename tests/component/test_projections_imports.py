"""What projections cost a night that has none."""

from __future__ import annotations

import subprocess
import sys


def test_a_night_without_a_target_to_project_does_not_import_the_library() -> None:
    script = (
        "import sys; from projections.targets import project; "
        "assert project([]) == []; "
        "assert not {'statsmodels', 'scipy', 'pandas', 'numpy'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)
