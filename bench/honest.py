"""`python -m bench.honest`: how often the rules about scores are wrong, and how often they see what was planted."""

import argparse
import sys
from collections import Counter
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from operator import attrgetter

from bench.crowd import PLANTED, STRONG, Crowd, Habit
from models.rules.anomalies import RULES, USUAL, Found, Limits, Sheet, anomalies

EVERY = "any rule"
PERSONAL = {"jump", "contradiction_rated_above", "contradiction_rated_below"}


@dataclass
class Rates:
    """Counts over all companies: who could be flagged, who was, and in how many companies anybody was."""

    companies: int = 0
    people: int = 0
    flags: int = 0
    able: Counter[str] = field(default_factory=Counter)
    hits: Counter[str] = field(default_factory=Counter)
    touched: Counter[str] = field(default_factory=Counter)

    def add(self, sheets: Sequence[Sheet], found: Sequence[Found]) -> None:
        """One more company."""
        self.companies += 1
        self.people += len(sheets)
        self.flags += len(found)
        self.able.update(_able(sheets))
        self.hits.update(one.rule for one in found)
        self.touched.update({one.rule for one in found} | ({EVERY} if found else set()))


def honest(companies: int, seed: int, limits: Limits = USUAL) -> Rates:
    """The rates among companies where everybody scores as they think."""
    crowd, rates = Crowd(seed), Rates()
    for _ in range(companies):
        now, before = crowd.company(crowd.size())
        rates.add(now, anomalies(now, before, limits))
    return rates


def planted(habit: Habit, companies: int, seed: int, limits: Limits = USUAL) -> tuple[int, Counter[str]]:
    """How many departments with a habit there were, one a company, and how many of them each rule flagged: the
    department, one of its raters or one of its pairs."""
    crowd, hits, seen = Crowd(seed), Counter[str](), 0
    for _ in range(companies):
        now, before = crowd.company(crowd.size(), habit)
        seen += 1
        found = {one.rule for one in anomalies(now, before, limits) if _about_first(one, now)}
        hits.update(found | ({EVERY} if found - PERSONAL else set()))
    return seen, hits


def lines(rates: Rates, detected: Mapping[str, tuple[int, Counter[str]]]) -> Iterator[str]:
    """Everything, as text."""
    often = 1000 * rates.flags / rates.people
    yield f"{rates.companies} honest companies, {rates.people} people: {often:.2f} flags for 1,000 people"
    yield f"  {'':<28} {'flagged':>8} {'of':>8} {'share %':>8} {'companies with any %':>21}"
    for rule in RULES:
        of = rates.able[rule]
        share, touched = 100 * rates.hits[rule] / max(of, 1), 100 * rates.touched[rule] / rates.companies
        yield f"  {rule:<28} {rates.hits[rule]:>8} {of:>8} {share:>8.2f} {touched:>21.1f}"
    yield f"  {EVERY:<28} {'':>8} {'':>8} {'':>8} {100 * rates.touched[EVERY] / rates.companies:>21.1f}"
    yield ""
    yield "departments flagged, in percent of those planted, one in a company"
    for name, (seen, hits) in detected.items():
        yield f"  {name}"
        named = [f"{rule} {100 * hits[rule] / seen:.1f}" for rule in (EVERY, *RULES) if hits[rule]]
        yield f"    {', '.join(named)}"


def _able(sheets: Sequence[Sheet]) -> Counter[str]:
    """How many departments, raters, pairs and people each rule could have flagged."""
    large = {}
    for group, of in (("inflated", attrgetter("department")), ("uniform", attrgetter("rater"))):
        large[group] = sum(count >= USUAL.least for count in Counter(map(of, sheets)).values())
    large["alliance_department"] = large["inflated"]
    return Counter({rule: large.get(rule, large.get(rule.split("_")[0], len(sheets))) for rule in RULES})


def _about_first(found: Found, sheets: Sequence[Sheet]) -> bool:
    """Whether it is about department 1, whose raters and people have the lowest ids."""
    first = [sheet for sheet in sheets if sheet.department == 1]
    keys = {"department": {1}, "rater": {sheet.rater for sheet in first}}
    return found.key in keys.get(found.on, {sheet.person for sheet in first})


def main(arguments: Sequence[str] | None = None) -> int:
    """The exit status."""
    options = argparse.ArgumentParser("python -m bench.honest", description=__doc__)
    options.add_argument("--companies", type=int, default=1000)
    options.add_argument("--seed", type=int, default=1)
    given = options.parse_args(arguments)
    rates = honest(given.companies, given.seed)
    detected = {habit.name: planted(habit, given.companies // 4, given.seed + 1) for habit in (*PLANTED, *STRONG)}
    for line in lines(rates, detected):
        print(line)
    return 0


if __name__ == "__main__":
    sys.exit(main())
