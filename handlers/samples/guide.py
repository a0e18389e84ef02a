"""Help, language and library."""

from collections.abc import Iterator
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.router import Router, aliases
from bot.text import Texts
from handlers import ROUTERS
from handlers.cards.guide import help_card, unknown_card, welcome_card
from handlers.cards.library import LEVELS, GoalForm, Powers, indicator_card, library_card
from handlers.cards.profile import link_card, profile_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    DIGEST,
    GOALS,
    HOSTILE,
    LONG,
    NOW,
    OWNER,
    READER,
    REVIEWER,
    Company,
    said,
)
from models.identity import CODE_LIFE, LinkCode
from models.indicator import Indicator
from models.rights import MATRIX, Relation

Samples = Iterator[tuple[str, Card | Sheet]]
ALL, NONE = Powers(goals=True, library=True), Powers()
ROLES = {
    "employee": Relation.ANYONE,
    "head": Relation.HEAD,
    "hr": Relation.HR,
    "executive": Relation.EXECUTIVE,
    "auditor": Relation.AUDITOR,
}


def guide_samples(t: Texts) -> Samples:
    """(name, card) of help, language and library."""
    company = Company(t)
    yield from _help(t)
    yield "welcome", welcome_card(t, company.name(OWNER))
    yield "welcome.hostile", welcome_card(t, HOSTILE)
    yield "profile", profile_card(t, company.name(OWNER), "Asia/Shanghai")
    yield "profile.hostile", profile_card(t, HOSTILE, "UTC")
    yield from _codes(t, company)
    yield from _library(t, company)
    yield from _definition(t, company)


def _codes(t: Texts, company: Company) -> Samples:
    """A code that works, one whose key is gone, one that was used, and one that nobody used."""
    whose: dict[str, Any] = {"person_id": OWNER + 1, "made_by_id": REVIEWER + 1, "expires_at": NOW + CODE_LIFE}
    fresh = LinkCode(id=1, digest=DIGEST, **whose)
    used = LinkCode(id=1, digest=DIGEST, used_at=NOW, ended=True, **whose)
    name = company.name(OWNER)
    yield "link.code.valid", link_card(t, name, "ABCDEFGH23", fresh, NOW)
    yield "link.code.unreadable", link_card(t, name, "", fresh, NOW)
    yield "link.code.used", link_card(t, name, "", used, NOW)
    yield "link.code.expired", link_card(t, name, "", fresh, NOW + CODE_LIFE)
    yield "link.code.hostile", link_card(t, HOSTILE, "ABCDEFGH23", fresh, NOW)


def _help(t: Texts) -> Samples:
    router = Router.merged(ROUTERS)
    for role, relation in ROLES.items():
        yield f"help.{role}", help_card(t, _commands(t, router, relation))
    yield "help.unknown", unknown_card(t, HOSTILE, [])
    yield "help.unknown.near", unknown_card(t, "golas", ["goals", "lang"])


def _commands(t: Texts, router: Router, relation: Relation) -> list[tuple[str, str, str]]:
    """The commands a role may try, as `Context.usable` would find them with a database."""
    rows = []
    for name, entry in router.commands.items():
        granted = MATRIX[entry.right]
        if granted & {Relation.ANYONE, Relation.SELF, relation}:
            words = [word for word in aliases(name, t.locale) if word != name]
            rows.append((f"perf {name} {entry.usage}".strip(), ", ".join(words[:2]), t(entry.about)))
    return rows


def _library(t: Texts, company: Company) -> Samples:
    entries = company.indicators()
    for level in LEVELS:
        yield f"library.{level}", library_card(t, level, entries[:12], [], 0, NONE)
    yield "library.empty", library_card(t, "strategy", [], [], 0, NONE)
    yield "library.unlinked.hr", library_card(t, "personal", entries, entries[:2], 0, ALL)
    yield "library.unlinked.many.hr", library_card(t, "personal", entries, entries[:15], 0, ALL)
    yield "library.second", library_card(t, "personal", entries, [], 1, NONE)
    odd = [Indicator(id=number, code=f"o{number}", **_texts(text)) for number, text in ((1, HOSTILE), (2, LONG))]
    yield "library.hostile", library_card(t, "department", odd, odd, 0, ALL)


def _texts(text: str) -> dict[str, Any]:
    """The same text in every place of an indicator."""
    return {"names": {"en": text}, "formulas": {"en": text}, "sources": {"en": text}}


def _definition(t: Texts, company: Company) -> Samples:
    one = company.indicators()[7]
    people = {
        "owner": company.name(REVIEWER),
        "responsible": company.name(OWNER),
        "accountable": company.name(AUTHOR),
        "consulted": t.list([company.name(APPROVER), company.name(READER)]),
        "informed": company.name(READER),
    }
    yield "indicator", indicator_card(t, one, people, said(GOALS[0], t))
    yield "indicator.unlinked", indicator_card(t, one, {}, "")
    goals = [(str(number), said(goal, t)) for number, goal in enumerate(GOALS, 1)]
    yield "indicator.hr", indicator_card(t, Indicator(**{**one.model_dump(), "owner_agreed": False}), people, "", goals)
    yield "form.goal.open.empty", GoalForm.sheet(t)
    filled = {"name": said(GOALS[0], t), "measure": t("Formula"), "target": "20", "unit": "%"}
    yield "form.goal.open.filled", GoalForm.sheet(t, values=filled)
    odd = Indicator(id=1, code="o1", unit=HOSTILE, target=one.target, **_texts(HOSTILE))
    yield "indicator.hostile", indicator_card(t, odd, dict.fromkeys(people, HOSTILE), HOSTILE)
