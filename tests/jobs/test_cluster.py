"""Ray is an extra: without it everything works but what asks for it, and that says what to install."""

import os
import sys
from pathlib import Path

import pytest

from core.cli import main
from core.errors import UnavailableError
from core.jobs.cluster import open_cluster


def test_without_ray_the_sentence_names_what_to_install(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setitem(sys.modules, "ray", None)
    with pytest.raises(UnavailableError, match=r"pip install -r requirements-cluster\.txt"), open_cluster({}):
        pass
    for verb in ("scan", "duplicates"):
        assert main(["--home", str(tmp_path), verb, "--executor", "ray", "--json"], environ=os.environ) == 1
        captured = capsys.readouterr()
        assert (captured.out, len(captured.err.splitlines())) == ("", 1)
        assert "requirements-cluster.txt" in captured.err
