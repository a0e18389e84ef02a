"""The company of the samples, in memory: people, goals, indicators and one cycle, in the reader's language."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from typing import Any

from bot.text import Texts
from handlers.cards.plandata import ShownItem
from models.content import content
from models.cycle import Cycle, Stage
from models.goal import Goal
from models.indicator import Indicator
from models.item import Item
from models.person import Person
from models.plan import FLOW, Plan
from models.rights import MATRIX, Relation

NOW = datetime(2026, 11, 23, 2, 0, tzinfo=UTC)
DUE = datetime(2026, 12, 14, 15, 59, 59, tzinfo=UTC)
LATE = datetime(2026, 11, 16, 15, 59, 59, tzinfo=UTC)
ELAPSED = Decimal("0.5870")
DIGEST = "6f1ed002ab5595859014ebf0951522d9" * 2
HOSTILE = "<!channel> *x* {y} $^$"
LONG = (
    "Share of loan applications from returning customers in the western region that were decided within one working "
    "day, without a manual step, and upheld at the re-check of the internal audit"
)
STATES = tuple(FLOW)
OWNER, AUTHOR, APPROVER, REVIEWER, READER, BLOCKED, NEW = range(7)
NAMES = {
    "en": ("Nadia Rahman", "Daniel Osei", "Eva Lindqvist", "Grace Chen", "Paul Meyer", "Tom Baker", "Ines Duarte"),
    "zh_Hans": ("林晓雯", "周大伟", "沈雅琴", "陈洁", "马跃", "唐博", "尹思"),
    "zh_Hant": ("陳怡君", "張大偉", "林雅琴", "王慧玲", "馬志遠", "唐柏宏", "葉思妤"),
    "ja": ("佐藤 美咲", "田中 健", "渡辺 由紀", "小林 真理", "前田 誠", "村上 翔太", "石井 葵"),
}
CYCLES = {"en": "Q4 2026", "zh_Hans": "2026 年第四季度", "zh_Hant": "2026 年第四季", "ja": "2026 年第 4 四半期"}
GOALS = (
    {
        "en": "Grow lending by 20%",
        "zh_Hans": "放款规模增长 20%",
        "zh_Hant": "放款規模成長 20%",
        "ja": "融資残高を 20% 増やす",
    },
    {
        "en": "Halve the cost of a loan",
        "zh_Hans": "单笔贷款成本减半",
        "zh_Hant": "單筆放款成本減半",
        "ja": "融資 1 件の費用を半減する",
    },
)
DEPARTMENTS = {
    "en": ("Sales", "Risk", "Operations", "Technology", "Human resources"),
    "zh_Hans": ("销售部", "风险管理部", "运营部", "技术部", "人力资源部"),
    "zh_Hant": ("業務部", "風險管理部", "營運部", "技術部", "人力資源部"),
    "ja": ("営業部", "審査部", "業務部", "技術部", "人事部"),
}
REASONS = {
    "en": "The target of new customers is the one of last year. Please raise it, and say where the visits are logged.",
    "zh_Hans": "新客户数还是去年的目标，请提高，并写明拜访记录在哪里。",
    "zh_Hant": "新客戶數仍是去年的目標，請調高，並寫明拜訪紀錄在哪裡。",
    "ja": "新規顧客数が昨年と同じ目標です。引き上げて、訪問記録の場所も書いてください。",
}
BLOCKERS = {
    "en": "The partner's interface is down until Thursday.",
    "zh_Hans": "合作方接口周四前无法使用。",
    "zh_Hant": "合作方介面週四前無法使用。",
    "ja": "提携先の接続が木曜まで使えません。",
}
RATED = {
    "name": {
        "en": "Handover of the key accounts",
        "zh_Hans": "重点客户交接",
        "zh_Hant": "重點客戶交接",
        "ja": "主要顧客の引継ぎ",
    },
    "levels": {
        "en": "A: all handed over with minutes. B: all handed over. C: one missing. D: more missing.",
        "zh_Hans": "A：全部交接并有纪要；B：全部交接；C：缺一户；D：缺多户。",
        "zh_Hant": "A：全部交接且有紀錄；B：全部交接；C：缺一戶；D：缺多戶。",
        "ja": "A：全件を議事録付きで引継ぎ。B：全件引継ぎ。C：1 件未了。D：複数未了。",
    },
}
VAGUE = {"en": "Improve teamwork", "zh_Hans": "提升团队协作", "zh_Hant": "提升團隊協作", "ja": "チームワークの向上"}
# What a viewpoint is to the plan; who is waited for decides as well.
VIEWPOINTS = {
    "author": frozenset({Relation.ANYONE, Relation.MANAGER}),
    "approver": frozenset({Relation.ANYONE, Relation.HEAD}),
    "hr": frozenset({Relation.ANYONE, Relation.HR}),
    "owner": frozenset({Relation.ANYONE, Relation.SELF}),
    "reader": frozenset({Relation.ANYONE, Relation.AUDITOR}),
}
WAITS = {"submitted": "approver", "compliance": "hr", "awaiting_confirmation": "owner", "proposed": "owner"}


@dataclass(frozen=True, slots=True)
class Company:
    """Everything in one reader's language; equal calls give equal rows."""

    t: Texts

    @property
    def cycle(self) -> Cycle:
        """The cycle under way."""
        return self.cycle_in("setting")

    def cycle_in(self, state: str, **values: Any) -> Cycle:
        """The cycle in a state."""
        known: dict[str, Any] = {
            "id": 7,
            "version": 2,
            "kind": "quarter",
            "name": CYCLES[self.t.locale],
            "starts_on": date(2026, 10, 1),
            "ends_on": date(2026, 12, 31),
            "chain": ["manager", "head"],
            "languages": ["en", "zh_Hans", "zh_Hant", "ja"],
            "setter": "manager",
            "owner_id": REVIEWER + 1,
        }
        return Cycle(**{**known, "state": state, **values})

    def stages(self) -> list[Stage]:
        """The stages of the cycle."""
        names = ("setting", "tracking", "self_scoring", "scoring", "review", "published", "disputing")
        days = (timedelta(days=days) for days in (0, 17, 27, 37, 42, 47, 54))
        return [
            Stage(id=number, cycle_id=7, name=name, closes_at=DUE + later)
            for number, (name, later) in enumerate(zip(names, days, strict=True), 1)
        ]

    def name(self, who: int) -> str:
        """Somebody's name."""
        return NAMES[self.t.locale][who]

    def person(self, who: int, name: str = "") -> Person:
        """Somebody."""
        return Person(id=who + 1, number=f"E{who + 1:04}", name=name or self.name(who), handle=f"p{who + 1}")

    def departments(self) -> tuple[str, ...]:
        """The names of the departments."""
        return DEPARTMENTS[self.t.locale]

    def goals(self) -> list[Goal]:
        """The strategic goals."""
        return [
            Goal(id=number, code=f"2026-{number}", year=2026, names=names, measures={})
            for number, names in enumerate(GOALS, 1)
        ]

    def goal_options(self) -> list[tuple[str, str]]:
        """The goals as options of a field."""
        return [(str(goal.id), goal.name(self.t.locale)) for goal in self.goals()]

    def plan(self, state: str, **values: Any) -> Plan:
        """The owner's plan in a state."""
        agreed = state in ("active", "amending", "proposed")
        known: dict[str, Any] = {
            "id": 31,
            "version": 4,
            "cycle_id": 7,
            "person_id": OWNER + 1,
            "state": state,
            "effective": 1 if agreed else 0,
            "revision": 2 if state in ("amending", "proposed") else 1,
            "digest": DIGEST if agreed else "",
            "changed_at": NOW,
        }
        return Plan(**{**known, **values})

    def indicators(self, industry: str = "finance") -> list[Indicator]:
        """The library entries of an industry, as they are shipped, the first one with its people."""
        entries = content((industry,)).indicators.values()
        rows = [Indicator(id=number, **entry) for number, entry in enumerate(entries, 101)]
        for row in rows:
            row.goal_id = 1 if row.id % 2 else 2
        return rows

    def items(self, template: str = "finance-sales", values: dict[str, Any] | None = None) -> list[Item]:
        """The items of a plan made from a template, every one linked to a goal; `values` overrides the first one's."""
        ready = content()
        rows = [
            self._item(number, ready.indicators[code], weight)
            for number, (code, weight) in enumerate(ready.templates[template].items, 1)
        ]
        return [rows[0].model_copy(update=values), *rows[1:]] if values else rows

    def _item(self, number: int, entry: Any, weight: Decimal) -> Item:
        names = ("kind", "direction", "rule", "unit", "target", "floor", "stretch")
        return Item(
            id=300 + number,
            plan_id=31,
            revision=1,
            lineage=300 + number,
            position=number,
            indicator_id=100 + number,
            name=entry["names"][self.t.locale],
            formula=entry["formulas"][self.t.locale],
            source=entry["sources"][self.t.locale],
            levels=entry.get("levels", {}).get(self.t.locale, ""),
            weight=weight,
            goal_id=1 if number % 2 else 2,
            owner_id=REVIEWER + 1,
            accountable_id=OWNER + 1,
            **{name: entry[name] for name in names if name in entry},
        )

    def odd_items(self) -> list[Item]:
        """Items of unusual kinds: a range, levels, a grade; a veto, a bonus and a penalty, which have no weight."""
        common = content().indicators
        rows = [
            self._item(1, common["common-budget"], Decimal(40)),
            self._item(2, common["product-key-result"], Decimal(30)),
            self._item(3, common["common-violations"], Decimal(0)),
            self._item(5, common["common-proposals"], Decimal(0)),
            self._item(6, common["finance-sales-complaints"], Decimal(0)),
        ]
        for row, part in zip(rows[2:], ("veto", "bonus", "penalty"), strict=True):
            row.part, row.weight = part, None
        for row, steps in zip(rows[3:], ([["1", "2"], ["3", "5"]], [["4", "3"], ["8", "10"]]), strict=True):
            row.rule, row.steps, row.target, row.floor, row.stretch = "steps", steps, None, None, None
        words: dict[str, Any] = {name: said[self.t.locale] for name, said in RATED.items()}
        rated = Item(id=304, plan_id=31, revision=1, lineage=304, position=4, kind="qualitative", rule="rated", **words)
        rated.weight = Decimal(30)
        return [*rows, rated]

    def shown(self, items: Sequence[Item]) -> list[ShownItem]:
        """Items with the names they point to."""
        goals = {goal.id: goal.name(self.t.locale) for goal in self.goals()}
        people = {who + 1: self.name(who) for who in range(len(NAMES["en"]))}
        return [
            ShownItem(
                item,
                goals.get(item.goal_id or 0, ""),
                people.get(item.owner_id or 0, ""),
                people.get(item.accountable_id or 0, ""),
            )
            for item in items
        ]


def said(texts: dict[str, str], t: Texts) -> str:
    """A text in the reader's language."""
    return texts[t.locale]


def allowed(state: str, viewpoint: str) -> list[str]:
    """The verbs that the flow and the policy leave to a viewpoint, as `Plan.allowed` would say it with a database."""
    waited = {Relation.WAITED} if WAITS.get(state) == viewpoint else set()
    found = VIEWPOINTS[viewpoint] | waited
    return [verb for verb in FLOW[state] if MATRIX[f"plan.{verb}"] & found]
