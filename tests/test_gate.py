"""What guards all tests: nothing needed is skipped in CI, and no test reaches another machine."""

import os
import socket
import subprocess
import sys
from contextlib import closing
from pathlib import Path

import pytest

from tests.conftest import Outgoing

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
    env = {name: value for name, value in os.environ.items() if not name.startswith("PYTEST_")}
    env["CI"] = "true" if ci else ""
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
    assert "1 postgres tests ran" in said


@pytest.mark.parametrize("address", ["192.0.2.1", "169.254.169.254", "10.0.0.1"])
def test_T62_no_test_reaches_another_machine(address: str) -> None:
    with closing(socket.socket()) as outside, pytest.raises(Outgoing):
        outside.connect((address, 443))


def test_T62_this_machine_is_reached() -> None:
    with closing(socket.create_server(("127.0.0.1", 0))) as server:
        socket.create_connection(server.getsockname(), timeout=5).close()
