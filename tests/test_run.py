"""The main job as a newcomer starts it: one process, the sample company, a real browser."""

import os
import re
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.request import urlopen

import pytest
from playwright.sync_api import Page, expect, sync_playwright

CHROME = next((path for path in ("/usr/bin/chromium", "/usr/bin/google-chrome") if Path(path).exists()), "")
ARGS = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking"]
ROOT = Path(__file__).parent.parent


@pytest.fixture(scope="module")
def address(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The console's address of a fresh `python -m bot run`."""
    folder = tmp_path_factory.mktemp("run")
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("SLACK_", "PANDIAN_"))}
    environment = {**kept, "DATABASE_URL": f"sqlite:///{folder / 'pandian.db'}", "PANDIAN_PORT": "0"}
    command = [sys.executable, "-m", "bot", "run"]
    with (folder / "log").open("w") as log:
        process = subprocess.Popen(command, cwd=ROOT, env=environment, stdout=subprocess.PIPE, stderr=log, text=True)
    assert process.stdout is not None
    try:
        said = next((line for line in process.stdout if "/console/" in line), "")
        found = re.search(r"http://\S+", said)
        assert found is not None, (folder / "log").read_text()[-2000:]
        yield found.group()
    finally:
        process.send_signal(signal.SIGTERM)
        process.stdout.close()
        assert process.wait(20) == 0, (folder / "log").read_text()[-2000:]
        assert "event failed" not in (folder / "log").read_text()


def _health_readiness_and_metrics(address: str) -> None:
    base = address.removesuffix("/console/")
    for path, word in (("/healthz", b"ok"), ("/readyz", b'"database": true'), ("/metrics", b"pandian_events_total")):
        with urlopen(base + path, timeout=10) as answer:  # noqa: S310 - our own loopback address
            assert word in answer.read()


@pytest.mark.browser
def test_a_newcomer_plays_the_sample_company(address: str) -> None:
    """One test, because the sample company takes as long to be made as all of this."""
    _health_readiness_and_metrics(address)
    if not CHROME and os.environ.get("CI") != "true":
        pytest.skip("no Chromium")
    with sync_playwright() as driver:
        browser = driver.chromium.launch(executable_path=CHROME, args=ARGS)
        page = browser.new_page()
        complaints: list[str] = []
        page.on("pageerror", lambda fault: complaints.append(str(fault)))
        page.goto(f"{address}?user=HL0006")
        expect(page.locator("#chips button").first).to_be_visible(timeout=30000)  # the page listens
        _say(page, "perf")
        expect(page.get_by_role("heading", name="Hello Dana Petrova", exact=True)).to_be_visible(timeout=20000)
        _say(page, "perf goals @ana")
        expect(page.locator("#log").get_by_text("No indicators yet")).to_be_visible(timeout=20000)
        _say(page, "perf progress team")
        expect(page.locator("#log img").last).to_be_visible(timeout=30000)
        _say(page, "绩效语言 zh-Hans")
        expect(page.get_by_role("button", name="发送", exact=True)).to_be_visible(timeout=20000)
        _say(page, "绩效")
        expect(page.locator("#log").get_by_text("你好").last).to_be_visible(timeout=20000)
        assert not complaints
        browser.close()


def _say(page: Page, line: str) -> None:
    page.locator("#write").fill(line)
    page.keyboard.press("Escape")
    page.keyboard.press("Enter")
