"""`make` before anything is installed."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def clone(tmp_path: Path) -> Path:
    for name in ("Makefile", "deploy", "pyproject.toml"):
        (tmp_path / name).symlink_to(ROOT / name)
    return tmp_path


def test_without_the_venv_module_it_names_the_package_and_leaves_nothing(clone: Path) -> None:
    """Debian's Python leaves half an environment behind, which must not pass for a whole one."""
    python = clone / "python"
    python.write_text(
        "#!/bin/sh\nmkdir -p .venv/bin; touch .venv/bin/python; chmod +x .venv/bin/python\n"
        "echo ensurepip is not available; exit 1\n"
    )
    python.chmod(0o755)
    for _ in range(2):
        done = subprocess.run(
            ["make", "--no-print-directory", "demo", "PYTHON=./python"],
            cwd=clone,
            capture_output=True,
            text=True,
            check=False,
            timeout=60,
        )
        assert done.returncode == 2
        assert done.stdout == ""
        sentence, *rest = done.stderr.splitlines()
        assert sentence.endswith("install the Debian package python3-venv.")
        assert all(line.startswith("make") and "***" in line for line in rest)
        assert not (clone / ".venv").exists()
