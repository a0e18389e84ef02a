"""Scorecards, the manager's batch, colleagues and their forms, in every state their readers see."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.batch import ShownPage, ShownPerson, page_card, summary_card
from handlers.cards.flags import why
from handlers.cards.peers import STANDS, ShownPeer, colleagues_card, confirm_card, question_card
from handlers.cards.scorecards import ShownScores, scorecard_card
from handlers.cards.scoreforms import AnswerForm, CommentForm, PeerForm, RateForm, RatersForm, ReopenForm
from handlers.cards.team import team_card
from handlers.samples.company import (
    APPROVER,
    AUTHOR,
    BLOCKED,
    BLOCKERS,
    DUE,
    HOSTILE,
    LONG,
    NOW,
    OWNER,
    READER,
    REASONS,
    Company,
    said,
)
from handlers.samples.home import members
from models.checkin import Checkin
from models.item import Item
from models.peer import MOST
from models.reckoning import Given
from models.result import Line
from models.rules.totals import SCALE
from models.scorecard import MANAGER, SELF, Score, Scorecard
from models.scoresheet import Entry

Samples = Iterator[tuple[str, Card | Sheet]]
JUMP = {"before": "71.5", "after": "98", "change": "26.5", "limit": "25"}
CONTRADICTION = {"measured": "54.2", "rated": "110"}


def score_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about giving scores."""
    company = Company(t)
    yield from _own(t, company)
    yield from _managers(t, company)
    yield from _batch(t, company)
    yield from _peers(t, company)
    yield from _forms(t, company)


def entries(company: Company, *, manages: bool, given: Sequence[str] = (), words: str = "") -> list[Entry]:
    """Six measured indicators, one that could not be measured, two rated ones; `given` are levels of those asked."""
    rated = next(one for one in company.odd_items() if one.rule == "rated")
    rows = [*company.items()[:7], rated, rated.model_copy(update={"lineage": rated.lineage + 1})]
    if words:
        rows = [row.model_copy(update={"name": words, "levels": words}) for row in rows]
    levels = iter(given)
    return [_entry(company, place, item, manages, levels, words) for place, item in enumerate(rows)]


def _entry(company: Company, place: int, item: Item, manages: bool, levels: Iterator[str], words: str) -> Entry:
    measured = item.rule != "rated" and place != 6
    asked = item.rule == "rated" or (manages and not measured)
    level = next(levels, "") if asked else ""
    note = Checkin(plan_id=31, lineage=item.lineage, person_id=1, note=words or said(REASONS, company.t), at=NOW)
    blocked = note.model_copy(update={"note": "", "blocker": words or said(BLOCKERS, company.t)})
    last = Line(result_id=1, revision=1, position=1, lineage=1, item_id=1, name="", part="", rule="", outcome="")
    last.value, last.points = (item.target if measured else None), Decimal("92.5")
    return Entry(
        item=item,
        value=item.target if measured else None,
        points=Decimal("100.25") if manages and measured else None,
        given=_score(level) if level else None,
        own=_given("S") if manages and level and item.rule == "rated" else None,
        note={0: note, 7: note, 2: blocked}.get(place),
        last=last if place in (1, 7) else None,
        asked=asked,
    )


def _score(level: str) -> Score:
    return Score(scorecard_id=1, lineage=1, at=NOW, **_given(level)._asdict())


def _given(level: str) -> Given:
    return Given(level, {one.name: one.points for one in SCALE}.get(level), level == "-")


def shown(company: Company, kind: str, state: str = "open", given: Sequence[str] = (), **more: Any) -> ShownScores:
    """A scorecard in a state as somebody sees it."""
    card = Scorecard(id=61, version=3, cycle_id=7, plan_id=31, person_id=OWNER + 1, kind=kind, state=state)
    if state == "submitted":
        card.submitted_at = NOW - timedelta(hours=2)
    return ShownScores(
        card=card,
        owner=company.name(OWNER),
        cycle=company.cycle.name,
        entries=entries(company, manages=kind == MANAGER, given=given),
        mine=kind == SELF,
        by=company.name(OWNER if kind == SELF else AUTHOR) if state == "submitted" else "",
        **more,
    )


def _own(t: Texts, company: Company) -> Samples:
    yield "score.own.begun", scorecard_card(t, shown(company, SELF, rates=True, peers=True))
    yield "score.own.half", scorecard_card(t, shown(company, SELF, given=("A",), rates=True, peers=True))
    full = shown(company, SELF, given=("A", "B"), rates=True, peers=True, comment=said(REASONS, t))
    yield "score.own.complete", scorecard_card(t, replace(full, comments={304: said(BLOCKERS, t)}))
    yield "score.own.handed_in", scorecard_card(t, shown(company, SELF, "submitted", ("A", "B"), peers=True))
    yield "score.own.locked", scorecard_card(t, shown(company, SELF, "locked"))
    back = shown(company, SELF, given=("A", "B"), rates=True)
    yield "score.own.reopened", scorecard_card(t, replace(back, reason=said(REASONS, t)))


def _managers(t: Texts, company: Company) -> Samples:
    yield "score.manager.begun", scorecard_card(t, shown(company, MANAGER, rates=True))
    done: dict[str, Any] = {"total": Decimal("96.40"), "rating": "A"}
    full = shown(company, MANAGER, given=("-", "A", "B"), rates=True, **done)
    yield "score.manager.complete", scorecard_card(t, full)
    yield "score.manager.handed_in", scorecard_card(t, shown(company, MANAGER, "submitted", ("B", "A", "B"), **done))
    hr = shown(company, MANAGER, "submitted", ("B", "A", "B"), reopens=True, **done)
    yield "score.manager.handed_in.hr", scorecard_card(t, hr)
    yield "score.manager.open.hr", scorecard_card(t, shown(company, MANAGER, own_card=(60, 2)))
    back = shown(company, MANAGER, given=("-", "A", "B"), rates=True, **done)
    yield "score.manager.reopened", scorecard_card(t, replace(back, reason=HOSTILE))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        spoken = replace(full, owner=words, cycle=words, comment=words, comments={304: words})
        rows = entries(company, manages=True, given=("-", "A", "B"), words=words)
        yield f"score.manager.{name}", scorecard_card(t, replace(spoken, entries=rows))


def _batch(t: Texts, company: Company) -> Samples:
    page = ShownPage(
        card=(61, 3),
        name=company.name(OWNER),
        place=3,
        total=10,
        entries=entries(company, manages=True),
        levels=SCALE,
        before=60,
        after=62,
        left=17,
    )
    yield "batch.page.unmeasured", page_card(t, page)
    yield "batch.page.rated", page_card(t, replace(page, entries=entries(company, manages=True, given=("C",))))
    yield "batch.page.one", page_card(t, replace(page, place=1, total=1, left=3))
    every = entries(company, manages=True, given=("-", "A", "B"))
    yield "batch.page.complete", page_card(t, replace(page, entries=every, left=0))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        rows = entries(company, manages=True, given=("A",), words=words)
        yield f"batch.page.{name}", page_card(t, replace(page, name=words, entries=rows))
    yield from _summaries(t, company)
    yield "team.scoring", team_card(t, [], members(company), NOW, 7)


def _summaries(t: Texts, company: Company) -> Samples:
    whys = (
        why(t, "jump", JUMP),
        why(t, "contradiction_rated_above", CONTRADICTION),
    )
    fine = [ShownPerson((60 + who, 2), company.name(who), Decimal("88.50"), "B") for who in (OWNER, AUTHOR, APPROVER)]
    odd = ShownPerson((70, 3), company.name(BLOCKED), Decimal("98.00"), "A", whys)
    open_one = ShownPerson((71, 1), company.name(READER), None, "")
    even = why(t, "uniform_totals", {"people": "7", "mean": "98.1", "deviation": "0.4", "limit": "1"})
    cycle = company.cycle.name
    yield "batch.summary.fine", summary_card(t, cycle, fine, (), 0)
    yield "batch.summary.odd", summary_card(t, cycle, [*fine, odd, open_one], (even,), 2)
    yield "batch.summary.only_odd", summary_card(t, cycle, [odd], (), 9)
    yield "batch.summary.done", summary_card(t, cycle, (), (), 10)
    many = [ShownPerson((100 + place, 1), LONG, Decimal("101.25"), "A", whys) for place in range(30)]
    yield "batch.summary.long", summary_card(t, LONG, many, (even,), 1)
    yield "batch.summary.hostile", summary_card(t, HOSTILE, [replace(odd, name=HOSTILE)], (), 0)


def _peers(t: Texts, company: Company) -> Samples:
    names = [(company.name(who), stands) for who, stands in enumerate(STANDS, APPROVER)]
    yield "peer.colleagues.none", colleagues_card(t, 31, (), most=MOST)
    yield "peer.colleagues.some", colleagues_card(t, 31, names, most=MOST)
    yield "peer.colleagues.full", colleagues_card(t, 31, [(HOSTILE, "asked")] * MOST, most=MOST)
    one = ShownPeer(81, 1, company.name(OWNER), company.name(READER), company.cycle.name)
    yield "peer.confirm", confirm_card(t, one)
    yield "peer.confirm.hostile", confirm_card(t, replace(one, owner=HOSTILE, rater=HOSTILE, cycle=HOSTILE))
    asked = [row.item.name for row in entries(company, manages=False) if row.asked]
    yield "peer.question", question_card(t, replace(one, items=asked, due=DUE))
    yield "peer.question.long", question_card(t, replace(one, owner=LONG, items=[LONG] * 10))


def _forms(t: Texts, company: Company) -> Iterator[tuple[str, Sheet]]:
    rows = [one for one in entries(company, manages=True) if one.asked]
    about: dict[str, Any] = {"subject": 61, "version": 3}
    labels = {f"level_{place}": one.item.name for place, one in enumerate(rows, 1)}
    labels |= {f"comment_{place}": t("Comment: {name}", name=one.item.name) for place, one in enumerate(rows, 1)}
    options = {
        f"level_{place}": [(f"{one.item.lineage}.{level.name}", level.name) for level in SCALE]
        for place, one in enumerate(rows, 1)
    }
    only = [f"{name}_{place}" for place in range(1, len(rows) + 1) for name in ("level", "comment")]
    page = RateForm.sheet(t, **about, labels=labels, options=options, only=only)
    yield "form.scorecard.rate.empty", page
    hinted = (replace(one, hint=rows[-1].item.levels) if one.options else one for one in page.fields)
    yield "form.scorecard.rate.levels", replace(page, fields=tuple(hinted))
    values = {"level_1": f"{rows[0].item.lineage}.A", "comment_1": said(REASONS, t)}
    yield (
        "form.scorecard.rate.filled",
        RateForm.sheet(t, **about, labels=labels, options=options, only=only, values=values),
    )
    yield "form.scorecard.comment.empty", CommentForm.sheet(t, **about)
    yield "form.scorecard.comment.filled", CommentForm.sheet(t, **about, values={"comment": said(REASONS, t)})
    yield "form.scorecard.reopen.empty", ReopenForm.sheet(t, **about)
    yield "form.scorecard.reopen.filled", ReopenForm.sheet(t, **about, values={"reason": said(REASONS, t)})
    yield "form.plan.propose_peer.empty", PeerForm.sheet(t, subject=31)
    yield "form.plan.propose_peer.filled", PeerForm.sheet(t, subject=31, values={"person": company.name(READER)})
    asked = {name: label for name, label in labels.items() if name.startswith("level")}
    answer = AnswerForm.sheet(t, subject=81, version=2, labels=asked, options=options, only=list(asked))
    yield "form.peer.answer.empty", replace(answer, title=t("How is it to work with {name}?", name=company.name(OWNER)))
    weights = {"manager": Decimal(70), "own": Decimal(10), "peer": Decimal(20)}
    yield "form.cycle.terms.empty", RatersForm.sheet(t, subject=7, version=2)
    yield "form.cycle.terms.filled", RatersForm.sheet(t, subject=7, version=2, values=weights)
