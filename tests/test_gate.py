"""In CI nothing that needs a browser or PostgreSQL is skipped in silence; elsewhere a skip says why."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
SKIPS = """
import pytest

@pytest.mark.{mark}
def test_needed():
    pytest.skip("not here")
"""


def run(folder: Path, source: str, *, ci: bool) -> tuple[int, str]:
    """The exit status and output of pytest with our conftest on one file."""
    (folder / "test_one.py").write_text(source)
    command = [sys.executable, "-m", "pytest", "-p", "tests.conftest", "-c", str(ROOT / "pyproject.toml"), str(folder)]
    env = {**os.environ, "CI": "true" if ci else ""}
    ended = subprocess.run(command, cwd=ROOT, env=env, capture_output=True, text=True, check=False, timeout=90)
    return ended.returncode, ended.stdout


@pytest.mark.parametrize("mark", ["browser", "postgres"])
def test_a_skipped_browser_or_database_fails_in_ci(tmp_path: Path, mark: str) -> None:
    status, said = run(tmp_path, SKIPS.format(mark=mark), ci=True)
    assert status == 1
    assert "skipped in CI" in said
    assert "not here" in said


def test_elsewhere_it_is_a_skip(tmp_path: Path) -> None:
    status, said = run(tmp_path, SKIPS.format(mark="postgres"), ci=False)
    assert (status, "1 skipped" in said) == (0, True)


def test_another_skip_stays_a_skip_and_what_ran_is_counted(tmp_path: Path) -> None:
    source = "import pytest\n\n@pytest.mark.postgres\ndef test_ran(): pass\n\ndef test_other(): pytest.skip('fine')\n"
    status, said = run(tmp_path, source, ci=True)
    assert (status, "1 passed, 1 skipped" in said) == (0, True)
    assert "0 browser tests ran" not in said or "1 postgres tests ran" in said
