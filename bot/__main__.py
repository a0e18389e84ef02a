"""The command line: run, sample, migrate, doctor, import, backup, keys, install, manifest, gallery."""

import asyncio
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated, NoReturn

import typer

from bot import chores, ops, serving
from bot.db import Busy
from bot.settings import Misconfigured, Settings, load

cli = typer.Typer(add_completion=False, no_args_is_help=True, help=__doc__, pretty_exceptions_enable=False)


@cli.command()
def run() -> None:
    """Serve every configured platform; with none and an empty database, a sample company in the console."""
    _guarded(lambda settings: serving.run(serving.serve(settings)))


@cli.command()
def sample(company: Annotated[str, typer.Option(help="The invented company's name.")] = "") -> None:
    """Fill an empty database with an invented company."""
    _guarded(lambda settings: chores.fill_sample(settings, company))


@cli.command()
def migrate() -> None:
    """Bring the database to this version's tables."""
    _guarded(chores.migrate)


@cli.command()
def doctor() -> None:
    """Check every setting, the database, fonts and platforms, and say what to do about each."""
    from bot import checkup

    _guarded(lambda settings: _leave(asyncio.run(checkup.run(settings, typer.echo))))


@cli.command("import")
def import_(
    kind: Annotated[str, typer.Argument(help="people")],
    file: Annotated[Path | None, typer.Argument(help="CSV or XLSX")] = None,
    *,
    source: Annotated[str, typer.Option("--from", help="feishu or dingtalk: its directory in place of a file.")] = "",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Report only; nothing is stored.")] = False,
    apply: Annotated[bool, typer.Option("--apply", help="Store everything, or nothing if a line is wrong.")] = False,
    approved_by: Annotated[str, typer.Option("--approved-by", help="Who approved it: a second person.")] = "",
) -> None:
    """Read people from a CSV or XLSX file, from Feishu or DingTalk: a report line by line, then all or nothing."""
    given = chores.Import(kind, file, dry_run=dry_run, apply=apply, approved_by=approved_by, source=source)
    _guarded(lambda settings: _leave(chores.bring_in(settings, given, typer.echo)))


@cli.command()
def backup(file: Path) -> None:
    """Copy the SQLite database into a new file, while it is in use."""
    _guarded(lambda settings: chores.backup(settings, file))


@cli.command()
def role(
    person: Annotated[str, typer.Argument(help="Employee number, handle or e-mail address.")],
    name: Annotated[str, typer.Argument(help="hr, executive or auditor")],
    *,
    remove: Annotated[bool, typer.Option("--remove", help="Take the role away.")] = False,
) -> None:
    """Give somebody a role; managers and department heads follow from the organisation itself."""
    _guarded(lambda settings: typer.echo(chores.give_role(settings, person, name, remove=remove)))


@cli.command()
def library(
    industries: Annotated[list[str], typer.Argument(help="finance ecommerce manufacturing technology")],
) -> None:
    """Put ready templates and their indicators into the library."""
    _guarded(lambda settings: typer.echo(chores.adopt(settings, industries)))


keys = typer.Typer(no_args_is_help=True, help="Secret keys.")
cli.add_typer(keys, name="keys")


@keys.command("rotate")
def keys_rotate() -> None:
    """Seal every confidential value with the newest key; stop the service first on SQLite."""
    _guarded(lambda settings: typer.echo(f"{chores.rotate_keys(settings)} values sealed with the newest key"))


@cli.command()
def install(
    platform: Annotated[str, typer.Argument(help="slack")],
    *,
    workspace: Annotated[str, typer.Option("--workspace", help="Only this one, by its id.")] = "",
) -> None:
    """Print an address at which an administrator installs the bot in a workspace, once: install slack."""
    _guarded(lambda settings: typer.echo(chores.invite(settings, platform, workspace)))


@cli.command()
def manifest(
    platform: str,
    *,
    several: Annotated[bool, typer.Option("--several", help="Slack: many workspaces install the app.")] = False,
) -> None:
    """Print what to set in the platform's developer console: manifest slack, feishu or dingtalk."""
    _guarded(lambda settings: typer.echo(chores.manifest(settings, platform, several=several)))


@cli.command()
def gallery(folder: Path) -> None:
    """Write every card and form in every state and language, and the pictures, into a folder."""
    from bot import gallery as pictures

    _guarded(lambda _settings: asyncio.run(pictures.write(folder)))


def _guarded(work: Callable[[Settings], object]) -> None:
    """Exit status 0, or 1 with one clear line on stderr."""
    ops.configure_logs(human=sys.stderr.isatty())
    try:
        work(load())
    except (Misconfigured, Busy, serving.Unusable) as no:
        _fail(str(no))
    except KeyboardInterrupt:
        raise typer.Exit from None


def _leave(ok: bool) -> None:
    if not ok:
        raise typer.Exit(1)


def _fail(said: str) -> NoReturn:
    typer.echo(said, err=True)
    raise typer.Exit(1)


if __name__ == "__main__":
    cli()
