"""How every button, form and view is tried for the table of rights: in which states, on what, with which value."""

from collections.abc import Mapping
from dataclasses import dataclass, field, replace

STATES = ("draft", "submitted", "compliance", "awaiting_confirmation", "active", "amending", "proposed")


@dataclass(frozen=True)
class Sample:
    """How one entry is tried: in which states of Ana's plan, on what, with which value."""

    states: tuple[str, ...] = ("draft",)
    on: str = ""
    value: str = ""
    answers: Mapping[str, str] = field(default_factory=dict)


ANY = Sample()
PLAN, EDIT = Sample(on="plan"), Sample(("draft", "amending"), "plan")
COMMANDS: Mapping[str, tuple[str, ...]] = {
    "goals": ("", "@ana"),
    "progress": ("", "team", "department", "company", "@ana"),
    "result": ("", "@ana", "Q4 2026"),
    "link": ("@ana",),
    "lang": ("", "ja"),
}
# States of tests/security/judged.py.
REVIEW = ("review",)
FLAG, RESULT = Sample(REVIEW, "flag"), Sample(REVIEW, "result")
BUTTONS: Mapping[str, Sample] = {
    "flag.list": Sample(REVIEW),
    "flag.page": Sample(REVIEW, value="0"),
    "flag.pick": Sample(("review", "published"), value="flag"),
    "flag.sheet": Sample(REVIEW, "flag", "scorecard"),
    "flag.confirm": FLAG,
    "flag.dismiss": FLAG,
    "flag.correct": FLAG,
    "calibration.show": Sample(REVIEW),
    "overview.show": Sample(("published",), value="0 scores"),
    "calibration.place": Sample(REVIEW, value="department"),
    "calibration.page": Sample(REVIEW, value="0 0"),
    "calibration.pick": Sample(REVIEW, value="result"),
    "result.agree": RESULT,
    "result.question": RESULT,
    "result.calibrate": Sample(("review", "published"), "result"),
    "result.show": Sample(("review", "published"), "result"),
    "result.pick": Sample(("review", "published"), value="result"),
    "result.steps": Sample(("review", "published"), "result"),
    "line.show": Sample(("review", "published"), value="line"),
    "result.adjust": Sample(("review", "published"), "result"),
    "result.acknowledge": Sample(("review", "published"), "result"),
    "cycle.advance": Sample(("draft", "published"), "cycle"),
    "cycle.missing": Sample(("self_scoring", "published"), "cycle", "self 0"),
    "cycle.results": Sample(("review",), "cycle"),
    "cycle.scope": Sample(("review",), "cycle", "0"),
    "cycle.release": Sample(("review",), "cycle"),
    "department.release": Sample(("review",), "department"),
    "home.show": ANY,
    "todo.open": Sample(on="todo"),
    "plan.template": Sample(("draft",), "plan", "t"),
    "plan.add": EDIT,
    "plan.own": EDIT,
    "plan.change": replace(EDIT, value="item"),
    "plan.remove": replace(EDIT, value="item"),
    "plan.rule": replace(EDIT, value="item"),
    "plan.weights": EDIT,
    "plan.checkin": Sample(("active", "amending", "proposed"), "plan"),
    "person.progress": Sample(("active",), "person"),
    "team.progress": ANY,
    "team.show": ANY,
    "team.plan": Sample(("draft", "active"), value="plan"),
    "plan.definitions": Sample(("draft", "submitted", "active"), "plan"),
    "plan.show": Sample(("draft", "submitted", "active"), "plan"),
    "plan.submit": PLAN,
    "plan.approve": Sample(("submitted",), "plan"),
    "plan.pass": Sample(("compliance",), "plan"),
    "plan.confirm": Sample(("awaiting_confirmation",), "plan"),
    "plan.return": Sample(("submitted", "compliance"), "plan"),
    "plan.object": Sample(("awaiting_confirmation",), "plan"),
    "plan.amend": Sample(("active",), "plan"),
    "plan.cancel": Sample(("amending",), "plan"),
    "plan.propose": Sample(("amending",), "plan"),
    "plan.accept": Sample(("proposed",), "plan"),
    "plan.decline": Sample(("proposed",), "plan"),
    "library.show": ANY,
    "library.level": Sample(value="personal"),
    "library.page": Sample(value="personal 0"),
    "indicator.pick": Sample(value="indicator"),
    "indicator.link": Sample(on="indicator", value="goal"),
    "indicator.agree": Sample(on="indicator"),
    "goal.open": ANY,
    "cycle.list": ANY,
    "cycle.show": Sample(on="cycle"),
    "cycle.open": ANY,
    "cycle.publish": Sample(on="cycle"),
    "cycle.cancel": Sample(on="cycle"),
    "company.progress": ANY,
    "profile.show": ANY,
    "profile.lang": Sample(value="ja"),
    "help.show": ANY,
    "help.run": Sample(value="home"),
}
FORMS: Mapping[str, Sample] = {
    "flag.confirm": replace(FLAG, answers={"reason": "r"}),
    "flag.dismiss": replace(FLAG, answers={"reason": "r"}),
    "flag.correct": replace(FLAG, answers={"reason": "r"}),
    "result.question": replace(RESULT, answers={"note": "n"}),
    "result.calibrate": replace(RESULT, answers={"total": "90", "reason": "r"}),
    "result.adjust": replace(RESULT, answers={"by": "2", "comment": "c"}),
    "plan.add": EDIT,
    "plan.own": EDIT,
    "item.save": Sample(("draft", "amending"), "item"),
    "item.rule": Sample(("draft", "amending"), "item"),
    "plan.weights": EDIT,
    "plan.checkin": Sample(("active",), "plan"),
    "plan.return": Sample(("submitted", "compliance"), "plan"),
    "plan.object": Sample(("awaiting_confirmation",), "plan"),
    "plan.propose": Sample(("amending",), "plan"),
    "plan.decline": Sample(("proposed",), "plan"),
    "cycle.open": ANY,
    "goal.open": ANY,
}
VIEWS: Mapping[str, Sample] = {
    "flag.list": Sample(REVIEW, "cycle", answers={"page": "0"}),
    "flag.card": Sample(("review", "published"), "flag"),
    "calibration.card": Sample(REVIEW, "cycle", answers={"department": "0", "page": "0"}),
    "overview.card": Sample(("published",), "cycle", answers={"department": "0", "facet": "scores"}),
    "calibration.case": Sample(("review", "published"), "result"),
    "result.card": Sample(("review", "published"), "result"),
    "result.steps": Sample(("review", "published"), "result"),
    "line.card": Sample(("review", "published"), "line"),
    "result.none": Sample(on="person", answers={"cycle": ""}),
    "cycle.results": Sample(("review",), "cycle", answers={"department": "0"}),
    "cycle.unreleased": ANY,
    "cycle.missing": Sample(("self_scoring",), "cycle", answers={"kind": "self", "page": "0"}),
    "cycle.scoring": Sample(("scoring",), "cycle"),
    "home.card": ANY,
    "goals.none": ANY,
    "person.progress": Sample(("active",), "person"),
    "person.blocked": Sample(("active",), "plan"),
    "person.comparison": Sample(("active",), "person", answers={"other": "103"}),
    "team.progress": ANY,
    "department.progress": Sample(on="department"),
    "company.progress": ANY,
    "team.card": ANY,
    "plan.card": Sample(STATES, "plan"),
    "plan.definitions": Sample(("draft", "active"), "plan"),
    "library.card": Sample(answers={"level": "personal", "page": "0"}),
    "indicator.card": Sample(on="indicator"),
    "cycle.list": ANY,
    "cycle.card": Sample(on="cycle"),
    "cycle.opened": Sample(on="cycle", answers={"owed": "0"}),
    "profile.card": ANY,
    "link.code": Sample(on="link"),
    "help.card": ANY,
    "help.unknown": Sample(answers={"typed": "x", "near": ""}),
}
