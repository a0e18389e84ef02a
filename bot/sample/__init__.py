"""A sample company with a past and a cycle under way: for demonstrations, tours, benchmarks and development."""

from datetime import datetime
from random import Random

from sqlmodel import Session, select

from bot.sample.asked import Asked
from bot.sample.cast import cast, teams
from bot.sample.fates import agenda, fates
from bot.sample.library import stock, templates, unlinked
from bot.sample.notices import Notices
from bot.sample.organisation import COMPANY, Organisation, build, everybody
from bot.sample.planned import Planned
from bot.sample.proofs import Proofs
from bot.sample.running import Running
from bot.sample.skills import skills
from bot.sample.small import fill_small
from bot.sample.story import Story
from bot.sample.trail import Trail
from bot.vault import Vault
from models.base import Refused
from models.person import Person

SEED = 20260118

__all__ = ["COMPANY", "fill", "fill_small"]


def fill(db: Session, vault: Vault, now: datetime, name: str = COMPANY) -> Organisation:
    """Fills an empty database with 200 people, two scored years, a quarter in review, a month that is being scored,
    and a cycle that was opened a month before `now`; people ask HR and each other.

    The same `now` gives the same content, apart from sealed bytes. Raises Refused if there are people already.
    """
    if db.exec(select(Person.id).limit(1)).first() is not None:
        raise Refused("A sample company needs an empty database.")
    rng = Random(SEED)  # noqa: S311 - made-up data, the same every time
    organisation = build(db, vault, everybody(rng, cast("full"), teams(), now.date()), name, now.date())
    indicators = stock(db, organisation, now.year)  # held, so that the session need not load them again
    planned, trail = Planned(db, organisation, templates(db)), Trail(db)
    able = skills(organisation, rng)
    Story(db, vault, organisation, planned, able, trail).play(now, rng)
    running = Running(db, organisation, planned, able, unlinked(indicators), now, rng, trail)
    plans = running.begin()
    running.play(list(agenda(running, plans, fates(list(organisation.people), rng))))
    Notices(db, organisation, running.cycle, trail, running.opened, now).play()
    Asked(db, vault, organisation, trail, running.cycle).play(now)
    Proofs(db, vault, organisation, trail).play(now)
    trail.close()
    db.flush()
    return organisation
