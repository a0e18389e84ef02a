"""What each relation to a subject allows: one row a right (docs/security.md shows this table)."""

from collections.abc import Mapping
from enum import StrEnum


class Relation(StrEnum):
    """What the actor is to the subject."""

    ANYONE = "anyone"
    SELF = "self"
    MANAGER = "line manager"
    HEAD = "department head"
    HR = "HR"
    EXECUTIVE = "executive"
    AUDITOR = "auditor"
    WAITED = "waited for"
    JOINED = "drawn in"
    AUTHOR = "who scored"
    RATER = "who scores the plan"
    DECIDER = "who decides about the plan"


A, S, M, H = Relation.ANYONE, Relation.SELF, Relation.MANAGER, Relation.HEAD
P, E, U, W = Relation.HR, Relation.EXECUTIVE, Relation.AUDITOR, Relation.WAITED
J, T = Relation.JOINED, Relation.AUTHOR
R, D = Relation.RATER, Relation.DECIDER

MATRIX: Mapping[str, frozenset[Relation]] = {
    "home.see": frozenset({A}),
    "help.see": frozenset({A}),
    "profile.change": frozenset({A}),
    "link.make": frozenset({P}),
    "person.see": frozenset({A}),
    "team.see": frozenset({A}),
    "plan.read": frozenset({S, M, H, P, U, W}),
    "plan.edit": frozenset({S, M}),
    "plan.submit": frozenset({S, M}),
    "plan.approve": frozenset({W}),
    "plan.return": frozenset({W, P}),
    "plan.pass": frozenset({W, P}),
    "plan.confirm": frozenset({S}),
    "plan.object": frozenset({S}),
    "plan.amend": frozenset({S, M}),
    "plan.propose": frozenset({S, M}),
    "plan.cancel": frozenset({S, M}),
    "plan.accept": frozenset({W}),
    "plan.decline": frozenset({W}),
    "plan.checkin": frozenset({S, M}),
    "plan.peers": frozenset({S}),
    "plan.attach": frozenset({S}),
    "plan.evidence": frozenset({S, M, H, P, U, R, D}),
    "evidence.read": frozenset({S, M, H, P, U, R, D}),
    "evidence.remove": frozenset({S}),
    "evidence.accept": frozenset({M, R}),
    "evidence.return": frozenset({M, R}),
    "offer.keep": frozenset({S}),
    "offer.drop": frozenset({S}),
    "scorecard.own": frozenset({S}),
    "scorecard.read": frozenset({M, H, P, U, W}),
    "scorecard.rate": frozenset({W}),
    "scorecard.reopen": frozenset({P}),
    "peer.confirm": frozenset({W}),
    "peer.decline": frozenset({W}),
    "peer.answer": frozenset({W}),
    "result.see": frozenset({S}),
    "result.read": frozenset({M, H, P, U}),
    "result.adjust": frozenset({M}),
    "result.vote": frozenset({M, H, P}),
    "result.calibrate": frozenset({P}),
    "result.acknowledge": frozenset({S}),
    "result.dispute": frozenset({S}),
    "flag.see": frozenset({P, U, W}),
    "flag.resolve": frozenset({P, W}),
    "dispute.read": frozenset({S, W, J, T, M, H, P, U}),
    "dispute.answer": frozenset({W}),
    "dispute.rule": frozenset({P, W}),
    "dispute.withdraw": frozenset({S}),
    "dispute.watch": frozenset({P, U}),
    "case.ask": frozenset({A}),
    "case.read": frozenset({S, W}),
    "case.reply": frozenset({S}),
    "case.satisfied": frozenset({S}),
    "case.rate": frozenset({S}),
    "case.answer": frozenset({W}),
    "case.hand": frozenset({W}),
    "case.close": frozenset({W}),
    "case.take": frozenset({P}),
    "case.watch": frozenset({P}),
    "request.ask": frozenset({A}),
    "request.read": frozenset({S, W, J, T}),
    "request.answer": frozenset({W, J}),
    "request.hand": frozenset({W, J}),
    "request.decline": frozenset({W, J}),
    "request.accept": frozenset({S}),
    "request.return": frozenset({S}),
    "request.withdraw": frozenset({S}),
    "assignment.open": frozenset({P}),
    "assignment.read": frozenset({P}),
    "assignment.withdraw": frozenset({P}),
    "person.progress": frozenset({S, M, H, P}),
    "team.progress": frozenset({A}),
    "department.progress": frozenset({H, P, E, U}),
    "company.progress": frozenset({P, E, U}),
    "department.chase": frozenset({H, P}),
    "company.chase": frozenset({P}),
    "chase.send": frozenset({T}),
    "cycle.open": frozenset({P}),
    "cycle.publish": frozenset({P}),
    "cycle.cancel": frozenset({P}),
    "cycle.see": frozenset({A}),
    "cycle.watch": frozenset({P, E, U}),
    "cycle.advance": frozenset({P}),
    "cycle.terms": frozenset({P}),
    "cycle.release": frozenset({P}),
    "cycle.calibrate": frozenset({H, P}),
    "company.overview": frozenset({P, E, U}),
    "department.overview": frozenset({H, P, E, U}),
    "department.read": frozenset({H, P, U}),
    "cycle.kickoff": frozenset({P}),
    "bulletin.watch": frozenset({H, P, U}),
    "bulletin.write": frozenset({P}),
    "announcement.confirm": frozenset({A}),
    "rulebook.see": frozenset({A}),
    "rulebook.add": frozenset({P}),
    "library.see": frozenset({A}),
    "absence.see": frozenset({S, M, P, J}),
    "person.away": frozenset({S, M, P}),
    "absence.end": frozenset({S, M, P}),
    "nudge.snooze": frozenset({S}),
    "cycle.nudges": frozenset({P}),
    "undelivered.see": frozenset({P}),
    "undelivered.resend": frozenset({P}),
    "undelivered.leave": frozenset({P}),
    "goal.open": frozenset({P, E}),
    "indicator.link": frozenset({P}),
    "indicator.agree": frozenset({P}),
}

# Nobody decides on their own case or on what they wrote, whatever else they are (threat T20); the chain then goes one
# level up.
NOT_OWN = frozenset(
    {
        "plan.approve",
        "plan.return",
        "plan.pass",
        "scorecard.read",
        "scorecard.reopen",
        "evidence.accept",
        "evidence.return",
        "result.read",
        "result.adjust",
        "result.vote",
        "result.calibrate",
        "flag.see",
        "flag.resolve",
        "dispute.rule",
        "case.take",
    }
)

# What whoever wrote the scores does in their own role: these are about the person, not about their work.
AUTHORS = frozenset({"result.read", "result.adjust", "result.vote", "result.calibrate"})

# Relations that the organisation decides, and not the subject or a role.
ABOVE = frozenset({M, H})

# Relations that the judging of a plan decides: asked only where nothing nearer gives the right.
JUDGING = frozenset({R, D})

# Rights that need no subject: they follow from the actor's roles alone.
GENERAL = frozenset({A, P, E, U})
