"""What people of the sample company give as evidence: minutes, a link and a small table; some of it is accepted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlmodel import Session, col, select

from bot import storage
from bot.sample.cast import cast, said
from bot.sample.organisation import Organisation
from bot.sample.trail import Trail
from bot.vault import Vault
from models.access import Actor
from models.base import Row
from models.cycle import RUNNING, Cycle
from models.evidence import FILE, LINK, WORDS, Evidence, give, open_for
from models.item import Item
from models.person import Person
from models.plan import Plan
from models.rules.files import TYPES, examined

HOUR, DAY = timedelta(hours=1), timedelta(days=1)
PLANS = 8
LINK_TO = "https://intranet.harbourlight.example/minutes/1412"


@dataclass(slots=True)
class Proofs:
    """Evidence of plans under way whose owners have a name of their own."""

    db: Session
    vault: Vault
    organisation: Organisation
    trail: Trail

    def play(self, now: datetime) -> None:
        """Everything lies in the days before `now`."""
        for number, plan in enumerate(self._plans()):
            owner, at = self.db.get_one(Person, plan.person_id), now - 6 * DAY + number * HOUR
            items = plan.agreed_items(self.db)
            table = self._file(plan, items[0], owner, at)
            self._words(plan, items[number % len(items)], owner, at + HOUR)
            if owner.manager_id and number % 3 < 2:
                boss = Actor(owner.manager_id, self.organisation.roles[owner.manager_id])
                self._look(table, boss, owner, at + DAY, accepts=number % 3 == 0)

    def _look(self, piece: Evidence, boss: Actor, owner: Person, at: datetime, *, accepts: bool) -> None:
        """Who scores accepts it, or wants more."""
        if accepts:
            piece.accept(self.db, boss, piece.version, at)
        else:
            reason = self._seal(piece, "reason", self._said("proof_back", owner))
            piece.send_back(self.db, boss, piece.version, at, reason)
        self.trail.write(boss.id, at)

    def _plans(self) -> Sequence[Plan]:
        """Plans in force that take evidence, of the people who are named in the data."""
        known = [self.organisation.people[member.handle].id for member in cast("full")]
        wanted = select(Plan).join(Cycle, col(Cycle.id) == col(Plan.cycle_id)).where(col(Cycle.state).in_(RUNNING))
        mine = wanted.where(Plan.effective > 0, col(Plan.person_id).in_(known)).order_by(col(Plan.id).desc())
        return [plan for plan in self.db.exec(mine) if open_for(self.db, plan)][:PLANS]

    def _file(self, plan: Plan, item: Item, owner: Person, at: datetime) -> Evidence:
        """A small table in the owner's language."""
        name, content = self._said("proof_name", owner), self._said("proof_table", owner).encode()
        piece = give(self.db, plan, self._actor(owner), at, item.lineage, FILE, size=len(content))
        kind = examined(content, name)
        piece.write(self.db, self._seal, name, self._said("proof_note", owner))
        stored = storage.store(self.db, self.vault, content, TYPES[kind.ending], at)
        piece.keep(self.db, stored, self._seal(piece, "title", name))
        self.trail.write(owner.id, at)
        return piece

    def _words(self, plan: Plan, item: Item, owner: Person, at: datetime) -> None:
        """A link, or words alone, in turn."""
        linked = plan.id % 2 == 0
        piece = give(self.db, plan, self._actor(owner), at, item.lineage, LINK if linked else WORDS)
        title, said = self._said("proof_title", owner), self._said("proof_words", owner)
        piece.write(self.db, self._seal, title, f"{said}\n{LINK_TO}" if linked else said)
        self.trail.write(owner.id, at)

    def _actor(self, person: Person) -> Actor:
        return Actor(person.id, self.organisation.roles[person.id])

    def _seal(self, row: Row, column: str, text: str) -> bytes:
        return self.vault.seal((str(row.__tablename__), column, row.id), text)

    def _said(self, kind: str, owner: Person) -> str:
        text: str = said("words")[owner.locale][kind][0]
        return text
