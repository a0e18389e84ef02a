"""The container's recipe: clean by its linter, and as careful as it says."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
RECIPE = (ROOT / "Dockerfile").read_text()
FINAL = RECIPE[RECIPE.rindex("\nFROM ") :]


def test_hadolint_finds_nothing() -> None:
    hadolint = Path(sys.executable).parent / "hadolint"
    command = [str(hadolint), "--no-color", "--failure-threshold", "style", str(ROOT / "Dockerfile")]
    ended = subprocess.run(command, capture_output=True, text=True, check=False, timeout=60)
    assert (ended.returncode, ended.stdout) == (0, "")


@pytest.mark.parametrize(
    "line",
    [
        "USER 10001:10001",
        "VOLUME /data",
        "HEALTHCHECK",
        'ENTRYPOINT ["python", "-m", "bot"]',
        'CMD ["run"]',
        "/healthz",
    ],
)
def test_the_final_image_has(line: str) -> None:
    assert line in FINAL


@pytest.mark.parametrize("word", ["pip ", "uv ", "apt-get", "gcc", "curl", "requirements"])
def test_the_final_image_installs_nothing(word: str) -> None:
    assert word not in FINAL


def test_everything_is_installed_from_locked_hashes() -> None:
    installs = [line for line in RECIPE.replace("\\\n", " ").splitlines() if re.search(r"\bpip install\b", line)]
    assert len(installs) == 2
    assert all("--require-hashes" in line for line in installs)


def test_every_copied_path_exists_and_is_let_in() -> None:
    let_in = set(re.findall(r"^!(\S+)$", (ROOT / ".dockerignore").read_text(), re.MULTILINE))
    copied = set(re.findall(r"^COPY (?!--from)(\S+) ", RECIPE, re.MULTILINE))
    assert copied == let_in
    assert all((ROOT / path).exists() for path in copied)
