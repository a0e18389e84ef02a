"""Both databases for every test that asks for one, a clock that stands still, no way out, and the gate of CI."""

import gc
import ipaddress
import os
import shutil
import sys
import tempfile
from collections.abc import Generator, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import TypeVar

import pytest
import structlog

from bot.db import Database
from models import migrations
from tests import postgres

S = TypeVar("S", bound=postgres.Server)
NEEDED = ("browser", "postgres")
LAST = ("platforms", "stories", "security", "engine")
RARELY = (50_000, 20, 50)
CI = os.environ.get("CI") == "true"
MEMORY, ROOM = Path("/dev/shm"), 2**31  # noqa: S108  (bytes; a run that goes well needs a tenth of it)


class Clock:
    """Stands still until it is moved by hand."""

    def __init__(self) -> None:
        self.now = datetime(2026, 3, 2, 9, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.now

    def forward(self, **span: float) -> datetime:
        """Moves on by the parts of a timedelta; the new time."""
        self.now += timedelta(**span)
        return self.now


@pytest.fixture(autouse=True)
def fresh_logs() -> Iterator[None]:
    """A test that configures the logs leaves nothing of it to the next one."""
    yield
    if structlog.is_configured():
        structlog.reset_defaults()


@pytest.fixture
def clock() -> Clock:
    """Monday, 2 March 2026, 9:00 UTC."""
    return Clock()


@contextmanager
def needed(server: AbstractContextManager[S]) -> Iterator[S]:
    """A PostgreSQL server for a session; without one, tests that want it are skipped, or fail in CI."""
    try:
        with server as running:
            yield running
    except postgres.Missing as reason:
        pytest.fail(str(reason)) if CI else pytest.skip(str(reason))


@pytest.fixture(scope="session")
def server() -> Iterator[postgres.Server]:
    """The PostgreSQL server of this process."""
    with needed(postgres.serving()) as running:
        yield running


@pytest.fixture(scope="session")
def migrated_database(server: postgres.Server) -> str:
    """A PostgreSQL database at the newest revision, to be copied."""
    return migrated_on(server)


@pytest.fixture(scope="session")
def migrated_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A SQLite file at the newest revision, to be copied."""
    path = tmp_path_factory.mktemp("migrated") / "migrated.db"
    _migrate(f"sqlite:///{path}")
    return path


@pytest.fixture(params=["sqlite", pytest.param("postgresql", marks=pytest.mark.postgres)])
def engine_name(request: pytest.FixtureRequest) -> str:
    """The engine that the databases of this test run on."""
    return str(request.param)


@pytest.fixture
def empty_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database without tables."""
    if engine_name == "sqlite":
        yield f"sqlite:///{tmp_path / 'empty.db'}"
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.create()
    yield url
    server.drop(url)


@pytest.fixture
def database_url(engine_name: str, request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """A database of this test's own, migrated and without rows, on each engine."""
    if engine_name == "sqlite":
        path = tmp_path / "pandian.db"
        shutil.copyfile(request.getfixturevalue("migrated_file"), path)
        yield f"sqlite:///{path}"
        return
    server: postgres.Server = request.getfixturevalue("server")
    url = server.create(request.getfixturevalue("migrated_database"))
    yield url
    server.drop(url)


@pytest.fixture
def database(database_url: str) -> Iterator[Database]:
    """The same, open; the test fails if it leaves a connection or a transaction open."""
    opened = Database(database_url)
    yield opened
    for threads in (opened._writing, opened._reading):
        threads.shutdown()  # what is still running when a test ends is given time to end
    pools = {opened.writer.pool, opened.reader.pool, opened._nearby.pool}
    left = sum(pool.checkedout() for pool in pools)  # type: ignore[attr-defined]
    opened.close()
    assert not left, f"{left} connections were not given back"


def migrated_on(server: postgres.Server) -> str:
    """A new database of a server at the newest revision: its URL."""
    url = server.create()
    _migrate(url)
    return url


def _migrate(url: str) -> None:
    database = Database(url)
    migrations.upgrade(database.writer)
    database.close()


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Fast tests first, browsers last; the order within a file stays. Long ones are left out unless SOAK=1."""
    if os.environ.get("SOAK") != "1":
        items[:] = [item for item in items if item.get_closest_marker("soak") is None]
    items.sort(key=_slowness)


def pytest_collection_finish() -> None:
    """What was collected stays until the end: looking for garbage in it again and again takes a sixth of the time."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(*RARELY)


def _slowness(item: pytest.Item) -> tuple[bool, bool, bool]:
    marks = {mark.name for mark in item.iter_markers()}
    return "soak" in marks, "browser" in marks, any(folder in LAST for folder in item.path.parts)


class Gate:
    """In CI, what needs a browser or PostgreSQL must run: a skip is a failure, and so is a whole run without any."""

    def __init__(self) -> None:
        self.ran = dict.fromkeys(NEEDED, 0)

    @pytest.hookimpl(wrapper=True)
    def pytest_runtest_makereport(self, item: pytest.Item) -> Generator[None, pytest.TestReport, pytest.TestReport]:
        """Turns a skip of a needed test into a failure."""
        report = yield
        if report.skipped and not hasattr(report, "wasxfail") and any(map(item.get_closest_marker, NEEDED)):
            report.outcome, report.longrepr = "failed", f"skipped in CI: {report.longrepr}"
        return report

    def pytest_runtest_logreport(self, report: pytest.TestReport) -> None:
        """Counts; in a distributed run this is the process that hears of all tests."""
        for mark in NEEDED:
            self.ran[mark] += report.when == "call" and mark in report.keywords

    def pytest_sessionfinish(self, session: pytest.Session) -> None:
        """Fails a whole run in which a needed kind did not run at all."""
        whole = session.config.args_source is pytest.Config.ArgsSource.TESTPATHS
        if whole and not hasattr(session.config, "workerinput") and not all(self.ran.values()):
            session.exitstatus = pytest.ExitCode.TESTS_FAILED

    def pytest_terminal_summary(self, terminalreporter: pytest.TerminalReporter) -> None:
        """Says how many of each kind ran."""
        terminalreporter.write_line(", ".join(f"{count} {mark} tests ran" for mark, count in self.ran.items()))


class Outgoing(AssertionError):
    """Something tried to reach a machine that is not this one (threat T62)."""


def _at_home(happened: str, facts: tuple[object, ...]) -> None:
    if happened != "socket.connect" or not isinstance(facts[1], tuple):
        return
    host = str(facts[1][0])
    if host != "localhost" and not ipaddress.ip_address(host.partition("%")[0]).is_loopback:
        raise Outgoing(f"a connection to {host}")


def _in_memory() -> None:
    """Files of tests lie in memory where it has room: no test outlives its machine, so a disk is waited for in vain."""
    if "TMPDIR" in os.environ or not MEMORY.is_dir():
        return
    if shutil.disk_usage(MEMORY).free >= ROOM and not os.statvfs(MEMORY).f_flag & os.ST_NOEXEC:
        os.environ["TMPDIR"] = tempfile.tempdir = str(MEMORY)


def pytest_configure(config: pytest.Config) -> None:
    """No test reaches another machine; the gate stands only in CI."""
    _in_memory()
    sys.addaudithook(_at_home)
    if CI:
        config.pluginmanager.register(Gate(), "gate")
