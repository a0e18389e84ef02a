"""The indicators of a plan, revision by revision; a revision that was submitted never changes again."""

from collections.abc import Sequence
from dataclasses import dataclass
from decimal import Decimal
from typing import ClassVar

import sqlalchemy as sa
from sqlmodel import Field, Session, SQLModel, col, select

from models.base import Row, canonical, exact, execute, json_field, said
from models.indicator import Indicator, goal_of
from models.loaded import columns, entity
from models.rules.plans import WEIGHTED, Finding, ItemFacts, check_item, part_fault
from models.rules.scoring import CAP, Standard

MEANING = ("name", "formula", "kind", "part", "rule", "direction", "unit", "source", "levels", "goal_id")
COMPARED = (*MEANING, "target", "floor", "stretch", "steps", "cap", "weight", "reason")


class Item(Row, table=True):
    """One planned indicator. `lineage` is the same through all revisions, so progress stays with it.

    `part` says what its points are to the total (models.rules.plans.PARTS), `steps` are [from, points] as text, `cap`
    is the most points it can earn, `levels` what each level of a rated one looks like.
    """

    __tablename__ = "plan_item"
    __table_args__ = (sa.Index("ix_plan_item_revision", "plan_id", "revision", "position"),)
    noun: ClassVar[str] = "item"
    plan_id: int = Field(foreign_key="plan.id")
    revision: int
    lineage: int = 0
    position: int
    indicator_id: int | None = Field(default=None, foreign_key="indicator.id")
    name: str
    formula: str = ""
    kind: str = "quantitative"
    direction: str = "higher"
    rule: str = "ratio"
    unit: str = ""
    target: Decimal | None = exact(default=None, nullable=True)
    floor: Decimal | None = exact(default=None, nullable=True)
    stretch: Decimal | None = exact(default=None, nullable=True)
    weight: Decimal | None = exact(2, default=None, nullable=True)
    part: str = Field(default=WEIGHTED, sa_column_kwargs={"server_default": WEIGHTED})
    cap: Decimal = exact(2, default=CAP, sa_column_kwargs={"server_default": "12000"})
    steps: list[list[str]] = json_field(default_factory=list, sa_column_kwargs={"server_default": "[]"})
    source: str = ""
    levels: str = ""
    goal_id: int | None = Field(default=None, foreign_key="goal.id")
    owner_id: int | None = Field(default=None, foreign_key="person.id")
    accountable_id: int | None = Field(default=None, foreign_key="person.id")
    last: Decimal | None = exact(default=None, nullable=True)
    reason: str = ""

    def person_of(self, db: Session) -> int | None:
        """The owner of its plan."""
        plan = SQLModel.metadata.tables["plan"]
        return db.connection().execute(sa.select(plan.c.person_id).where(plan.c.id == self.plan_id)).scalar()

    def facts(self, *, owner_agreed: bool) -> ItemFacts:
        """What the machine checks look at."""
        return ItemFacts(
            name=self.name,
            formula=self.formula,
            kind=self.kind,
            direction=self.direction,
            unit=self.unit,
            target=self.target,
            floor=self.floor,
            stretch=self.stretch,
            weight=self.weight,
            linked=self.goal_id is not None,
            source=self.source,
            owner_agreed=owner_agreed,
            levels=self.levels,
            last=self.last,
            reason=self.reason,
            part=self.part,
            rule=self.rule,
            cap=self.cap,
            steps=tuple((Decimal(start), Decimal(points)) for start, points in self.steps),
        )

    def standard(self) -> Standard:
        """How it is scored."""
        return self.facts(owner_agreed=True).standard()


_ITEMS = (
    sa.select(*columns(Item))
    .where(col(Item.plan_id) == sa.bindparam("plan"), col(Item.revision) == sa.bindparam("revision"))
    .order_by(col(Item.position), col(Item.id))
)


_AGREED = sa.select(col(Indicator.id), col(Indicator.owner_agreed)).where(
    col(Indicator.id).in_(sa.bindparam("ids", expanding=True))
)


@dataclass(frozen=True, slots=True)
class Difference:
    """What changed about one indicator: `field` is "" if it was added (before None) or removed (after None)."""

    name: str
    field: str
    before: object
    after: object


def items_of(db: Session, plan_id: int, revision: int) -> Sequence[Item]:
    """The items of one revision in order."""
    return [entity(db, Item, row) for row in execute(db, _ITEMS, plan=plan_id, revision=revision)]


def item_of(db: Session, plan_id: int, revision: int, item_id: str) -> Item | None:
    """The item of a revision with this number, None for any other."""
    return next((item for item in items_of(db, plan_id, revision) if str(item.id) == item_id), None)


def findings_of(db: Session, item: Item) -> list[Finding]:
    """The failed checks of one item that is not stored yet, its weight included."""
    consent = item.indicator_id is None or agreed(db, [item])[item.id]
    found = check_item(item.facts(owner_agreed=consent))
    fault = part_fault(item.weight, item.part)
    return [*found, fault] if fault else found


def agreed(db: Session, items: Sequence[Item]) -> dict[int, bool]:
    """Whether the data owner agreed, by item id; an item that is not from the library names its own source."""
    ids = [item.indicator_id for item in items if item.indicator_id]
    known = dict(execute(db, _AGREED, ids=ids)) if ids else {}
    return {item.id: known.get(item.indicator_id or 0, True) for item in items}


def from_library(db: Session, indicator: Indicator, locale: str, weight: Decimal | None = None) -> Item:
    """A new item that says what the library says, in the language of the plan's owner."""
    return Item(
        plan_id=0,
        revision=0,
        position=0,
        indicator_id=indicator.id,
        name=indicator.name(locale),
        formula=indicator.formulas.get(locale) or indicator.formulas.get("en", ""),
        kind=indicator.kind,
        direction=indicator.direction,
        rule=indicator.rule,
        unit=indicator.unit,
        target=indicator.target,
        floor=indicator.floor,
        stretch=indicator.stretch,
        weight=weight,
        source=indicator.sources.get(locale) or indicator.sources.get("en", ""),
        steps=indicator.steps,
        levels=said(indicator.levels, locale),
        goal_id=goal_of(db, indicator),
        owner_id=indicator.owner_id,
        accountable_id=indicator.accountable_id,
    )


def place(db: Session, item: Item, plan_id: int, revision: int) -> Item:
    """Puts a new item at the end of a revision."""
    highest = db.exec(
        select(sa.func.max(Item.position)).where(Item.plan_id == plan_id, Item.revision == revision)
    ).one()
    item.plan_id, item.revision, item.position = plan_id, revision, (highest or 0) + 1
    db.add(item)
    db.flush()
    if not item.lineage:
        item.lineage = item.id
    return item


def copy_items(db: Session, plan_id: int, revision: int, to: int) -> None:
    """A new revision that starts as a copy of another."""
    for old in items_of(db, plan_id, revision):
        values = old.model_dump(exclude={"id", "revision"})
        db.add(Item(**values, revision=to))
    db.flush()


def drop_items(db: Session, plan_id: int, revision: int) -> None:
    """Removes a working revision that is given up."""
    for item in items_of(db, plan_id, revision):
        db.delete(item)
    db.flush()


def text_of(items: Sequence[Item]) -> str:
    """The one text of a revision: what is hashed when it is confirmed."""
    return canonical([item.model_dump(exclude={"id", "revision"}) for item in items])


def differences(before: Sequence[Item], after: Sequence[Item]) -> list[Difference]:
    """What changed from one revision to another, in the order of the newer one; removed items last."""
    old = {item.lineage: item for item in before}
    new = {item.lineage for item in after}
    found: list[Difference] = []
    for item in after:
        if item.lineage not in old:
            found.append(Difference(item.name, "", None, item.name))
            continue
        for name in COMPARED:
            was, now = getattr(old[item.lineage], name), getattr(item, name)
            if was != now:
                found.append(Difference(item.name, name, was, now))
    found += [Difference(item.name, "", item.name, None) for item in before if item.lineage not in new]
    return found
