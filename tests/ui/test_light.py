"""Opening any page leaves torch out of the app's process."""

import os
import subprocess
import sys
from pathlib import Path

from core.workspace import CHECKOUT
from ui.rooms import ROOMS

SCRIPT = """
import sys
from streamlit.testing.v1 import AppTest
app = AppTest.from_file("ui/shell.py", default_timeout=60).run()
for name in sys.argv[1:]:
    app.switch_page(f"../pages/{name}").run()
    assert len(app.title) == 1, name
    assert not app.exception, name
    assert not app.error, name
    assert "torch" not in sys.modules, name
"""


def test_no_page_loads_torch(tmp_path: Path) -> None:
    answer = subprocess.run(
        [sys.executable, "-c", SCRIPT, *(room.file for room in ROOMS)],
        cwd=CHECKOUT,
        env={**os.environ, "SPECIMEN_HOME": str(tmp_path / "home"), "PYTHONPATH": str(CHECKOUT)},
        capture_output=True,
        text=True,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
