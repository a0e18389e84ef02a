"""One sample of every card and form in every state, in memory: what the gallery shows and the tests look at."""

from collections.abc import Mapping
from itertools import chain

from bot.cards import Card
from bot.forms import Sheet
from bot.text import Texts
from handlers.samples.announcements import announcement_samples
from handlers.samples.asking import asking_samples
from handlers.samples.charts import chart_samples
from handlers.samples.compare import compare_samples
from handlers.samples.conversation import conversation_samples
from handlers.samples.cycles import cycle_samples
from handlers.samples.disputes import dispute_samples
from handlers.samples.evidence import evidence_samples
from handlers.samples.flags import flag_samples
from handlers.samples.guide import guide_samples
from handlers.samples.headway import headway_samples
from handlers.samples.home import home_samples
from handlers.samples.lines import line_samples
from handlers.samples.nudges import nudge_samples
from handlers.samples.overview import overview_samples
from handlers.samples.planforms import plan_form_samples
from handlers.samples.plans import plan_samples
from handlers.samples.progress import progress_samples
from handlers.samples.publishing import publishing_samples
from handlers.samples.results import result_samples
from handlers.samples.rulebooks import rulebook_samples
from handlers.samples.scores import score_samples
from handlers.samples.undelivered import undelivered_samples
from handlers.samples.wizard import wizard_samples

ROOMS = (
    home_samples,
    plan_samples,
    progress_samples,
    headway_samples,
    cycle_samples,
    wizard_samples,
    result_samples,
    publishing_samples,
    line_samples,
    compare_samples,
    overview_samples,
    flag_samples,
    dispute_samples,
    asking_samples,
    announcement_samples,
    rulebook_samples,
    guide_samples,
    score_samples,
    conversation_samples,
    plan_form_samples,
    chart_samples,
    evidence_samples,
    undelivered_samples,
    nudge_samples,
)


def samples(t: Texts) -> Mapping[str, Card | Sheet]:
    """Every sample in one reader's language by name ("plan.submitted.approver"), equal for equal `t`.

    Raises ValueError if two samples have one name.
    """
    found: dict[str, Card | Sheet] = {}
    for name, sample in chain.from_iterable(room(t) for room in ROOMS):
        if name in found:
            raise ValueError(f"two samples are called {name}")
        found[name] = sample
    return found
