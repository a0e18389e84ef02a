"""The small company of the stories: the fixed cast, four departments, two goals, and no cycle yet."""

from datetime import datetime

from sqlmodel import Session

from bot.sample.cast import cast, said
from bot.sample.library import add_goals, adopt_all
from bot.sample.organisation import COMPANY, Organisation, build
from bot.vault import Vault
from models.content import load_templates

GOALS = ("growth", "cost")


def fill_small(db: Session, vault: Vault, now: datetime) -> Organisation:
    """Fills an empty database with 14 people; the chain above ana is dana, eva, boss. People by handle are returned."""
    organisation = build(db, vault, cast("small"), COMPANY, now.date())
    entries = [entry for entry in said("company")["goals"] if entry["code"] in GOALS]
    goals = add_goals(db, organisation, entries, now.year)
    load_templates(db, ["finance"])
    adopt_all(db, organisation, {"finance-operations": ("oliver", "oliver")}, goals["cost"])
    adopt_all(db, organisation, {"finance-sales": ("oliver", "dana")}, goals["growth"])
    db.flush()
    return organisation
