"""What must hold of the program as a whole: who loads torch, what modules promise, what the docs name."""

import ast
import importlib
import pkgutil
import subprocess
import sys
from pathlib import Path

import pytest

import core
from core.cli import _VERBS
from core.training.presets import PRESETS

ROOT = Path(__file__).resolve().parent.parent
LIGHT = [
    "core.cli",
    "core.api.app",
    "core.training.launch",
    "core.training.presets",
    "core.inference.client",
    "core.runs.store",
    "core.images.worker",
]


@pytest.mark.parametrize("module", LIGHT)
def test_torch_stays_out_until_a_model_is_touched(module: str) -> None:
    code = f"import sys, {module}; sys.exit('torch' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], cwd=ROOT, check=False).returncode == 0


@pytest.mark.parametrize("folder", ["core", "ui", "pages"])
def test_every_module_says_what_it_is_and_exports_what_it_names(folder: str) -> None:
    for path in sorted((ROOT / folder).rglob("*.py")):
        if path.name == "__init__.py":
            assert path.read_text(encoding="utf-8") == "", f"{path} should be empty"
            continue
        tree = ast.parse(path.read_text(encoding="utf-8"))
        assert ast.get_docstring(tree), f"{path} has no docstring"
        exported = [
            node.value
            for node in tree.body
            if isinstance(node, ast.Assign)
            and isinstance(node.targets[0], ast.Name)
            and node.targets[0].id == "__all__"
        ]
        if folder != "pages" and path.name not in ("__main__.py", "shell.py"):
            assert exported, f"{path} has no __all__"


def test_what_modules_name_is_there() -> None:
    for info in pkgutil.walk_packages(core.__path__, "core."):
        if info.name == "core.__main__":
            continue
        module = importlib.import_module(info.name)
        missing = [name for name in getattr(module, "__all__", []) if not hasattr(module, name)]
        assert missing == [], f"{info.name} names {missing}"


def test_the_readme_names_every_verb_and_preset() -> None:
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    assert [name for name in _VERBS if f"`{name.partition(' ')[0]}" not in text] == []
    assert [name for name in PRESETS if f"`{name}`" not in text] == []


def test_every_package_has_its_reason() -> None:
    reasons = (ROOT / "docs" / "dependencies.md").read_text(encoding="utf-8")
    for listing in ("requirements.txt", "requirements-dev.txt", "requirements-cluster.txt"):
        for line in (ROOT / listing).read_text(encoding="utf-8").splitlines():
            name = line.partition(">")[0].partition("<")[0].strip()
            if name and not name.startswith(("#", "-r")):
                assert f"`{name}`" in reasons, f"docs/dependencies.md says nothing of {name}"
