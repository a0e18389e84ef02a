"""A company in which every relation to Ana is a different person, and plans in whatever state a test needs."""

from collections.abc import Mapping, Sequence
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

from sqlmodel import Session, col, select

from bot.vault import Vault
from models.access import Actor
from models.cycle import Cycle, open_cycle
from models.department import Department
from models.goal import Goal
from models.indicator import Indicator, Template, TemplateItem
from models.item import from_library, place
from models.person import Person, Role, roles_of
from models.plan import Plan, begin_plans, plan_of
from models.position import Position

# handle → (manager, role, department): what each of them is to Ana stands in RELATIONS.
PEOPLE: Mapping[str, tuple[str, str, str]] = {
    "boss": ("", "", "C"),
    "eva": ("boss", "", "C"),
    "hugo": ("boss", "", "S"),
    "dana": ("eva", "", "S"),
    "ana": ("dana", "", "S"),
    "bo": ("dana", "", "S"),
    "helen": ("boss", "hr", "H"),
    "henry": ("helen", "hr", "H"),
    "olga": ("boss", "executive", "C"),
    "audrey": ("boss", "auditor", "C"),
    "willa": ("boss", "", "C"),
    "leo": ("boss", "hr", "H"),
}
RELATIONS: Mapping[str, str] = {
    "self": "ana",
    "manager": "dana",
    "skip-level": "eva",
    "head": "hugo",
    "peer": "bo",
    "HR": "helen",
    "other HR": "henry",
    "executive": "olga",
    "auditor": "audrey",
    "left": "leo",
}
INDICATORS = (("Revenue", 40), ("Renewal rate", 30), ("New customers", 30), ("Complaints handled in 1 day", None))
CLOSES = ("setting", "self_scoring", "scoring", "published")


def fill(db: Session, vault: Vault, now: datetime) -> None:
    """People, one template of three indicators and a cycle that everybody has a draft in."""
    people = _people(db, vault, now)
    _library(db, people)
    publish(db, now)


def fill_bare(db: Session, vault: Vault, now: datetime) -> None:
    """The same without a cycle."""
    _library(db, _people(db, vault, now))


def publish(db: Session, now: datetime, *, chain: Sequence[str] = ("manager",), setter: str = "manager") -> Cycle:
    """A cycle of Helen's that has been published."""
    owner = by_handle(db, "helen")
    cycle = Cycle(
        kind="quarter",
        name="Q4 2026",
        starts_on=date(2026, 10, 1),
        ends_on=date(2026, 12, 31),
        chain=list(chain),
        languages=["en"],
        setter=setter,
        owner_id=owner.id,
    )
    closes = {name: datetime(2026, 12, 1, tzinfo=UTC) + timedelta(days=n * 10) for n, name in enumerate(CLOSES)}
    open_cycle(db, cycle, closes)
    cycle.publish(db, cycle.version, now)
    begin_plans(db, cycle, db.exec(select(Person).where(col(Person.left_at).is_(None))).all(), now)
    db.flush()
    return cycle


def by_handle(db: Session, handle: str) -> Person:
    """One of the people."""
    return db.exec(select(Person).where(Person.handle == handle)).one()


def actor(db: Session, handle: str) -> Actor:
    """Them, with their roles, as dispatch would name them."""
    person = by_handle(db, handle)
    return Actor(person.id, roles_of(db, person.id))


def ready(db: Session, plan: Plan) -> Plan:
    """Puts the template's three indicators into an empty working revision."""
    for indicator, weight in zip(_indicators(db), INDICATORS, strict=True):
        if weight[1] is not None:
            place(db, from_library(db, indicator, "en", Decimal(weight[1])), plan.id, plan.revision)
    return plan


# state → how a filled draft gets there: (who, verb) in order.
ROADS: Mapping[str, tuple[tuple[str, str], ...]] = {
    "draft": (),
    "submitted": (("dana", "submit"),),
    "compliance": (("dana", "submit"), ("eva", "approve")),
    "awaiting_confirmation": (("dana", "submit"), ("eva", "approve"), ("helen", "pass")),
    "active": (("dana", "submit"), ("eva", "approve"), ("helen", "pass"), ("ana", "confirm")),
}


def bring(db: Session, state: str, now: datetime, *, owner: str = "ana") -> Plan:
    """A plan (Ana's unless told otherwise) brought into a state by the people who have to."""
    plan = plan_of(db, db.exec(select(Cycle.id)).one(), by_handle(db, owner).id)
    assert plan is not None
    if not plan.items(db):
        ready(db, plan)
    for who, verb in ROADS["active" if state in ("amending", "proposed") else state]:
        act(db, plan, actor(db, owner if verb == "confirm" else who), verb, now)
    if state in ("amending", "proposed"):
        act(db, plan, actor(db, owner), "amend", now)
    if state == "proposed":
        act(db, plan, actor(db, owner), "propose", now)
    db.flush()
    return plan


def act(db: Session, plan: Plan, by: Actor, verb: str, now: datetime, at: int | None = None) -> None:
    """One action of the plan's flow by name, at its present version unless told otherwise."""
    version = plan.version if at is None else at
    if verb in ("return", "object", "propose", "decline"):
        name = {"return": "return_", "object": "object_"}.get(verb, verb)
        getattr(plan, name)(db, by, version, now, "Because")
    else:
        getattr(plan, "pass_" if verb == "pass" else verb)(db, by, version, now)


def _people(db: Session, vault: Vault, now: datetime) -> dict[str, Person]:
    departments = {code: Department(code=code, names={"en": code}) for code in "CSH"}
    db.add_all(departments.values())
    position = Position(code="p", names={"en": "Account executive"}, template="t")
    db.add(position)
    db.flush()
    _tree(departments)
    people: dict[str, Person] = {}
    for number, (handle, (manager, role, department)) in enumerate(PEOPLE.items(), 101):
        person = Person(number=str(number), name=handle.title(), handle=handle, email=f"{handle}@corp.example")
        person.department_id, person.position_id = departments[department].id, position.id
        person.manager_id, person.locale = people[manager].id if manager else None, "en"
        db.add(person)
        db.flush()
        person.salary = vault.seal(("person", "salary", person.id), "18500.00")
        people[handle] = person
        if role:
            db.add(Role(person_id=person.id, name=role))
    departments["S"].head_id = people["hugo"].id
    people["leo"].left_at = now
    return people


def _tree(departments: Mapping[str, Department]) -> None:
    top = departments["C"]
    top.path = f"/{top.id}/"
    for code in "SH":
        departments[code].parent_id = top.id
        departments[code].path = f"/{top.id}/{departments[code].id}/"


def _library(db: Session, people: Mapping[str, Person]) -> None:
    goal = Goal(code="G", year=2026, names={"en": "Grow"}, measures={"en": "m"})
    template = Template(code="t", industry="finance", names={"en": "Sales"})
    db.add_all([goal, template])
    db.flush()
    for number, (name, weight) in enumerate(INDICATORS):
        entry = Indicator(code=f"i{number}", names={"en": name}, formulas={"en": "count / total"}, unit="%")
        entry.sources, entry.target, entry.goal_id = {"en": "CRM"}, Decimal(80 + number), goal.id
        entry.owner_id, entry.accountable_id, entry.owner_agreed = people["boss"].id, people["eva"].id, True
        db.add(entry)
        db.flush()
        if weight is not None:
            item = TemplateItem(template_id=template.id, indicator_id=entry.id, weight=Decimal(weight), position=number)
            db.add(item)


def _indicators(db: Session) -> Sequence[Indicator]:
    return db.exec(select(Indicator).order_by(col(Indicator.id))).all()
