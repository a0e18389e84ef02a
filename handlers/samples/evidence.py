"""Evidence in every state, as its owner and its readers see it; what may be kept; its mention on other cards; forms."""

from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from decimal import Decimal
from typing import Any

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.cards.batch import ShownPage, page_card
from handlers.cards.disputes import dispute_card
from handlers.cards.evidence import (
    FAULTS,
    ShownEvidence,
    ShownList,
    ShownPiece,
    evidence_card,
    evidence_list,
    file_card,
)
from handlers.cards.evidenceforms import EvidenceForm, KeepForm, SendBackForm
from handlers.cards.lines import line_card
from handlers.cards.offers import ShownFile, ShownOffer, offer_card
from handlers.cards.plandata import ShownPlan
from handlers.cards.plans import plan_card
from handlers.cards.resultdata import Entry
from handlers.cards.scorecards import scorecard_card
from handlers.samples.company import AUTHOR, BLOCKERS, HOSTILE, LONG, NOW, OWNER, REASONS, Company, said
from handlers.samples.disputes import case as disputed
from handlers.samples.lines import MEASURED, measured
from handlers.samples.scores import entries
from handlers.samples.scores import shown as scored
from models.evidence import ACCEPTED, FAILED, FILE, GIVEN, LINK, RETURNED, SOURCE, WANTED, WORDS, Evidence
from models.rules.files import TYPES
from models.rules.totals import SCALE
from models.scorecard import MANAGER
from models.wish import DROPPED, EXPIRED, KEPT, Offer

Samples = Iterator[tuple[str, Card | Sheet]]
NAMES = {
    "en": ("Sales report Q4.pdf", "Signed contract.png", "Minutes of 12 November"),
    "zh_Hans": ("四季度销售报告.pdf", "已签合同.png", "11 月 12 日会议纪要"),
    "zh_Hant": ("第四季業務報告.pdf", "已簽合約.png", "11 月 12 日會議紀錄"),
    "ja": ("第 4 四半期 営業報告.pdf", "締結済み契約書.png", "11 月 12 日の議事録"),
}
LINKED = "https://wiki.example.com/minutes/1112"
PROGRAM = "setup.exe"


def evidence_samples(t: Texts) -> Samples:
    """(name, card or sheet) of everything about evidence."""
    company = Company(t)
    yield from _lists(t, company)
    yield from _pieces(t, company)
    yield from _offers(t, company)
    yield from _elsewhere(t, company)
    yield from _forms(t, company)


def pieces(t: Texts) -> list[ShownPiece]:
    """Three pieces of the first two items."""
    states = (ACCEPTED, GIVEN, RETURNED)
    rows = zip(NAMES[t.locale], states, (301, 301, 302), strict=True)
    return [ShownPiece(90 + place, lineage, name, state) for place, (name, state, lineage) in enumerate(rows)]


def _piece(state: str, kind: str = FILE, **values: Any) -> Evidence:
    stored = state not in (WANTED, FAILED) and kind == FILE
    known: dict[str, Any] = {
        "id": 90,
        "version": 2,
        "cycle_id": 7,
        "plan_id": 31,
        "person_id": OWNER + 1,
        "lineage": 301,
        "kind": kind,
        "state": state,
        "deposit_id": 5 if stored else None,
        "media": TYPES["pdf"] if stored else "",
        "size": 184_320 if kind == FILE else 0,
        "at": NOW - timedelta(days=2),
    }
    return Evidence(**{**known, **values})


def _shown(company: Company, piece: Evidence, **values: Any) -> ShownEvidence:
    names = NAMES[company.t.locale]
    name = names[0] if piece.kind == FILE else names[2]
    known: dict[str, Any] = {"item": company.items()[0].name, "owner": company.name(OWNER), "name": name}
    return ShownEvidence(piece, **{**known, **values})


def _lists(t: Texts, company: Company) -> Samples:
    items = [(item.lineage, item.name) for item in company.items()]
    base = ShownList(31, 4, company.name(OWNER), company.cycle.name, items, pieces(t), mine=True, gives=True)
    yield "evidence.list.owner", evidence_list(t, base)
    yield "evidence.list.empty", evidence_list(t, replace(base, pieces=()))
    yield "evidence.list.counted", evidence_list(t, replace(base, counts={301: Decimal(4)}))
    closed = replace(base, mine=False, gives=False)
    yield "evidence.list.reader", evidence_list(t, closed)
    old = [*pieces(t), ShownPiece(99, 900, NAMES[t.locale][0], GIVEN), ShownPiece(100, 301, HOSTILE, WANTED)]
    yield "evidence.list.odd", evidence_list(t, replace(base, pieces=old, owner=HOSTILE, cycle=HOSTILE))
    many = [ShownPiece(100 + place, 301 + place % 5, LONG, GIVEN) for place in range(50)]
    yield "evidence.list.long", evidence_list(t, replace(closed, pieces=many, page=1, owner=LONG, cycle=LONG))


def _pieces(t: Texts, company: Company) -> Samples:
    own: dict[str, Any] = {"mine": True, "removes": True}
    yield "evidence.wanted.owner", evidence_card(t, _shown(company, _piece(WANTED), **own))
    yield "evidence.given.owner", evidence_card(t, _shown(company, _piece(GIVEN), **own))
    yield "evidence.given.rater", evidence_card(t, _shown(company, _piece(GIVEN), decides=True, body=said(REASONS, t)))
    by = company.name(AUTHOR)
    yield "evidence.accepted.rater", evidence_card(t, _shown(company, _piece(ACCEPTED), decides=True, by=by))
    back = _shown(company, _piece(RETURNED), reason=said(BLOCKERS, t), by=by)
    yield "evidence.returned.owner", evidence_card(t, replace(back, mine=True, removes=True))
    yield "evidence.returned.reader", evidence_card(t, back)
    linked = _shown(company, _piece(GIVEN, LINK), body=f"{said(REASONS, t)}\n{LINKED}", **own)
    yield "evidence.link.owner", evidence_card(t, linked)
    yield "evidence.words.rater", evidence_card(t, _shown(company, _piece(GIVEN, WORDS), body=HOSTILE, decides=True))
    for fault in FAULTS:
        failed = _piece(FAILED, fault=fault, size=0)
        yield f"evidence.failed.{fault}", evidence_card(t, _shown(company, failed, **own))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        odd = {"name": words, "item": words, "owner": words, "body": words, "reason": words, "by": words}
        yield f"evidence.{name}", evidence_card(t, _shown(company, _piece(RETURNED), **odd, decides=True))
    yield "evidence.file.reader", file_card(t, _shown(company, _piece(ACCEPTED)), late=False)
    yield "evidence.file.late", file_card(t, _shown(company, _piece(ACCEPTED)), late=True)


def _offers(t: Texts, company: Company) -> Samples:
    names = NAMES[t.locale]
    offer = Offer(id=71, version=1, person_id=OWNER + 1, identity_id=1, at=NOW)
    items = [(f"31.{item.lineage}", item.name) for item in company.items()]
    one = ShownOffer(offer, [ShownFile(names[0], 184_320)], items)
    yield "offer.open.one", offer_card(t, one)
    several = [ShownFile(names[0], 5_400_000), ShownFile(names[1]), ShownFile(PROGRAM, 10, "unknown")]
    yield "offer.open.several", offer_card(t, replace(one, files=several))
    for name, words in (("hostile", HOSTILE), ("long", LONG)):
        odd = [ShownFile(f"{words}.pdf", 5)] * 10
        yield f"offer.open.{name}", offer_card(t, replace(one, files=odd, items=[("31.301", words[:70])]))
    kept = replace(one, offer=offer.model_copy(update={"state": KEPT}), pieces=pieces(t), item=company.items()[0].name)
    yield "offer.kept", offer_card(t, kept)
    yield "offer.expired", offer_card(t, replace(one, offer=offer.model_copy(update={"state": EXPIRED})))
    yield "offer.dropped", offer_card(t, replace(one, offer=offer.model_copy(update={"state": DROPPED})))


def _elsewhere(t: Texts, company: Company) -> Samples:
    given = {lineage: [one for one in pieces(t) if one.lineage == lineage] for lineage in (301, 302)}
    yield "score.manager.evidence", scorecard_card(t, scored(company, MANAGER, rates=True, pieces=given))
    rows = entries(company, manages=True)
    page = ShownPage((61, 3), company.name(OWNER), 3, 10, rows, SCALE, before=60, after=62, left=17, pieces=pieces(t))
    yield "batch.page.evidence", page_card(t, page)
    yield "dispute.manager.evidence.author", dispute_card(t, replace(disputed(t, company), pieces=pieces(t)))
    plan = ShownPlan(company.plan("active"), company.name(OWNER), company.cycle.name, company.shown(company.items()))
    yield "plan.active.evidence.owner", plan_card(t, replace(plan, allowed=("checkin",), mine=True, pieces=3))
    _name, standard, value = next(one for one in MEASURED if one[0] == "count")
    counted = Entry(value, SOURCE, "evidence 90", NOW, company.name(AUTHOR))
    yield "origin.evidence", line_card(t, replace(measured(company, standard, value), value=counted))


def _forms(t: Texts, company: Company) -> Iterator[tuple[str, Sheet]]:
    options = {"item": [(str(item.lineage), item.name) for item in company.items()]}
    yield "form.plan.attach.empty", EvidenceForm.sheet(t, subject=31, version=4, options=options)
    values = {"item": "301", "name": NAMES[t.locale][2], "said": LINKED}
    yield "form.plan.attach.filled", EvidenceForm.sheet(t, subject=31, version=4, options=options, values=values)
    targets = {"item": [(f"31.{value}", name) for value, name in options["item"]]}
    yield "form.offer.keep.empty", KeepForm.sheet(t, subject=71, version=1, options=targets)
    kept = {"item": "31.301", "said": f"{said(REASONS, t)}\n{LINKED}"}
    yield "form.offer.keep.filled", KeepForm.sheet(t, subject=71, version=1, options=targets, values=kept)
    yield "form.evidence.return.empty", SendBackForm.sheet(t, subject=90, version=2)
    yield (
        "form.evidence.return.filled",
        SendBackForm.sheet(t, subject=90, version=2, values={"reason": said(REASONS, t)}),
    )
