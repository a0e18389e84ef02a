"""`perf dispute`: objecting to a result, the manager's answer, HR's ruling, and the clock that keeps the promise."""

from decimal import Decimal
from typing import Any

import structlog

from bot.cards import Card
from bot.context import Context
from bot.events import Click, Command, Submitted, Tick
from bot.forms import SENTENCES, Invalid
from bot.router import Router
from bot.text import N_
from handlers.cards.amounts import points as said_points
from handlers.cards.clocks import moment
from handlers.cards.disputedata import Listed, ShownCase, ShownDisputes, ShownEntry, ShownGiven, ShownReread, ShownStep
from handlers.cards.disputeforms import WHOLE, AnswerForm, DisputeForm, RulingForm, UpholdForm
from handlers.cards.disputes import STEPS, dispute_card, disputes_card
from handlers.cards.disputetimes import times_card
from models.answering import answering, disputed_cycle
from models.audit import trail
from models.base import Change, Refused
from models.cycle import Cycle
from models.delivery import mark_copies
from models.department import Department
from models.dispute import (
    ADJUSTED,
    HR,
    JOINS,
    MANAGER,
    Dispute,
    cases_for,
    disputable,
    disputes_by,
    disputes_of,
    file,
    running,
    waiting_for,
)
from models.examination import examine_around
from models.person import Person, name_of
from models.recheck import RATED, Entry, Reread, kept
from models.result import Line, Result, lines_of, newest_published, readable
from models.revision import most_points, most_total
from models.rules.durations import groups, summary
from models.rules.totals import rating
from models.scorecard import MANAGER as MANAGERS
from models.scorecard import card_of
from models.terms import Terms, terms_of

router = Router()
router.said(
    result_disputed=N_("{who} disputed this result on {when}."),
    result_revised=N_("{who} changed this result after a dispute on {when}."),
    result_dispute_ended=N_("{who} closed the last dispute about this result on {when}."),
    dispute_filed=N_("{who} filed this dispute on {when}."),
    dispute_answered=N_("{who} already answered on {when}."),
    dispute_upheld=N_("{who} already upheld the result on {when}."),
    dispute_adjusted=N_("{who} already adjusted the result on {when}."),
    dispute_withdrawn=N_("{who} withdrew this dispute on {when}."),
)
OWN = 10
log = structlog.get_logger()
