"""The forms of scores: a page of indicators, a comment on the whole, colleagues, the raters' weights."""

from decimal import Decimal
from typing import Annotated, ClassVar

from pydantic import Field

from bot.forms import SHORT, Ask, Form, Kind
from bot.text import N_
from handlers.cards.planforms import Long, Short

A_PAGE = 4
MOST = 10
OUT = "-"
LEVEL, COMMENT = Ask(N_("Level"), kind=Kind.CHOICE), Ask(N_("Comment"), kind=Kind.LONG)
Picked = Annotated[str, Field(max_length=SHORT)]
Percent = Annotated[Decimal, Field(ge=0, le=100, max_digits=5, decimal_places=2, allow_inf_nan=False)]


class RateForm(Form):
    """A page of up to four indicators; every answer names the indicator it is about, as "lineage.level"."""

    action: ClassVar[str] = "scorecard.rate"
    title: ClassVar[str] = N_("Scores")
    submit: ClassVar[str] = N_("Save and go on")
    level_1: Annotated[Picked | None, LEVEL] = None
    comment_1: Annotated[Long | None, COMMENT] = None
    level_2: Annotated[Picked | None, LEVEL] = None
    comment_2: Annotated[Long | None, COMMENT] = None
    level_3: Annotated[Picked | None, LEVEL] = None
    comment_3: Annotated[Long | None, COMMENT] = None
    level_4: Annotated[Picked | None, LEVEL] = None
    comment_4: Annotated[Long | None, COMMENT] = None


class CommentForm(Form):
    """What the rater says about the whole period."""

    action: ClassVar[str] = "scorecard.comment"
    title: ClassVar[str] = N_("Comment on the whole")
    comment: Annotated[Long | None, Ask(N_("What stands out in this period?"), kind=Kind.LONG)] = None


class ReopenForm(Form):
    """Why scores are given back."""

    action: ClassVar[str] = "scorecard.reopen"
    title: ClassVar[str] = N_("Give the scores back")
    submit: ClassVar[str] = N_("Give back")
    reason: Annotated[Long, Ask(N_("What should be looked at again?"), N_("Whoever scores reads this."), Kind.LONG)]


class PeerForm(Form):
    """Who can say how it is to work with somebody."""

    action: ClassVar[str] = "plan.propose_peer"
    title: ClassVar[str] = N_("Name a colleague")
    submit: ClassVar[str] = N_("Propose")
    person: Annotated[
        Short,
        Ask(
            N_("Colleague"),
            N_("Your manager confirms. What they answer stays anonymous, and is shown as a mean from three on."),
            Kind.PERSON,
        ),
    ]


class AnswerForm(Form):
    """All answers of one colleague at once: they are not kept beside who gave them, so there is no going on later."""

    action: ClassVar[str] = "peer.answer"
    title: ClassVar[str] = N_("How is it to work together?")
    submit: ClassVar[str] = N_("Send anonymously")
    level_1: Annotated[Picked | None, LEVEL] = None
    level_2: Annotated[Picked | None, LEVEL] = None
    level_3: Annotated[Picked | None, LEVEL] = None
    level_4: Annotated[Picked | None, LEVEL] = None
    level_5: Annotated[Picked | None, LEVEL] = None
    level_6: Annotated[Picked | None, LEVEL] = None
    level_7: Annotated[Picked | None, LEVEL] = None
    level_8: Annotated[Picked | None, LEVEL] = None
    level_9: Annotated[Picked | None, LEVEL] = None
    level_10: Annotated[Picked | None, LEVEL] = None


class RatersForm(Form):
    """Whose scores count how much for rated indicators."""

    action: ClassVar[str] = "cycle.terms"
    title: ClassVar[str] = N_("Who scores")
    manager: Annotated[Percent, Ask(N_("Line manager, %"), N_("The three total 100."))]
    own: Annotated[Percent, Ask(N_("Self score, %"), N_("With 0 it is shown beside, and not counted."))]
    peer: Annotated[Percent, Ask(N_("Colleagues, %"), N_("Counted from three answers on; else left out."))]
