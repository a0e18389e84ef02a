"""`python -m bench`: measures everything once and prints it; with --strict a missed target is exit status 1."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

from bench import campaign, report, results
from bench.report import Figures
from bench.rounds import Bench, Sizes
from bench.variants import OURS_PG, copies, prepare, variants
from tests import postgres

KINDS = {
    report.HOME: ("home", ()),
    report.PRESS: ("press", ("chat.update", "response_url")),
    report.TOLD: ("press", ("chat.update", "response_url", "chat.postMessage")),
}


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    options = _options().parse_args(arguments)
    if options.broadcast is not None:
        return _broadcast(options)
    sizes = Sizes(options.rounds, options.requests, options.acks, options.warm, options.connections, options.starts)
    with ExitStack() as stack:
        server, skipped = _server(stack, wanted=not options.sqlite_only)
        found = {title: _measured(*kind, _few(sizes, title), server) for title, kind in KINDS.items()}
    for line in (*report.lines(found), *report.notes(skipped)):
        print(line)
    reckoned = results.measured(options.people) if options.people else {}
    for line in results.lines(reckoned) if reckoned else ():
        print(line)
    missed = [target for target in (*report.targets(found), *results.targets(reckoned)) if not target.met]
    return _broadcast(options) | int(bool(missed) and options.strict)


def _broadcast(options: argparse.Namespace) -> int:
    """Messages to everybody and reminders; the exit status."""
    people = campaign.Sizes().people if options.broadcast is None else options.broadcast
    found, skipped = campaign.measured(campaign.Sizes(people), sqlite_only=options.sqlite_only)
    for line in campaign.lines(found, skipped):
        print(line)
    return int(options.strict and not all(target.met for target in campaign.targets(found)))


def _few(sizes: Sizes, title: str) -> Sizes:
    """The start-up is measured once, with the first kind of request."""
    return sizes if title == report.HOME else replace(sizes, starts=1)


def _measured(kind: str, calls: Sequence[str], sizes: Sizes, server: postgres.Server | None) -> Figures:
    told = "chat.postMessage" in calls
    with tempfile.TemporaryDirectory(prefix="pandian-bench-") as folder:
        databases = copies(Path(folder), sizes.presses, told=told)
        if server is not None:
            databases[OURS_PG] = server.create()
            prepare(databases[OURS_PG], sizes.presses, told=told)
        return asyncio.run(Bench(kind, sizes, calls).run(variants(kind, databases)))


def _server(stack: ExitStack, *, wanted: bool) -> tuple[postgres.Server | None, str]:
    """A PostgreSQL server, or why there is none."""
    if not wanted:
        return None, "not asked for"
    try:
        return stack.enter_context(postgres.serving()), ""
    except postgres.Missing as missing:
        return None, str(missing)


def _options() -> argparse.ArgumentParser:
    usual = Sizes()
    options = argparse.ArgumentParser("python -m bench", description=__doc__)
    options.add_argument("--rounds", type=int, default=usual.rounds, help="rounds of every server")
    options.add_argument("--requests", type=int, default=usual.works, help="requests a round of servers that work")
    options.add_argument("--acks", type=int, default=usual.acks, help="requests a round of those that only acknowledge")
    options.add_argument("--warm", type=int, default=usual.warm, help="requests of the round that is not counted")
    options.add_argument("--connections", type=int, default=usual.connections, help="keep-alive connections")
    options.add_argument("--starts", type=int, default=usual.starts, help="starts of every server")
    options.add_argument(
        "--people", type=int, nargs="*", default=results.SIZES, help="people whose results are computed"
    )
    options.add_argument(
        "--broadcast",
        type=int,
        nargs="?",
        const=campaign.Sizes().people,
        help="only the broadcast and the reminders, to so many people",
    )
    options.add_argument("--sqlite-only", action="store_true", help="leave PostgreSQL out")
    options.add_argument("--strict", action="store_true", help="exit status 1 if a target is missed")
    return options


if __name__ == "__main__":
    sys.exit(main())
