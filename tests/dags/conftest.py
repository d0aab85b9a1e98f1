"""Airflow makes a home for itself when it is imported: here, a folder that goes away again."""

from __future__ import annotations

import atexit
import os
import shutil
import tempfile

_FOLDER = tempfile.mkdtemp(prefix="takeup-airflow-")
atexit.register(shutil.rmtree, _FOLDER, ignore_errors=True)
os.environ["AIRFLOW_HOME"] = _FOLDER
