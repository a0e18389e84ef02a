"""Which installation a payload is for: as Bolt reads it, and where we look further (threat T10)."""

from typing import Any

import pytest
from slack_bolt.request import internals

from bot.platforms.slack import origin, shape
from bot.platforms.slack.inbound import Identity, ours
from tests.fakes import slack_payloads as payloads
from tests.fakes.slack import FakeSlack
from tests.fakes.slack_oauth import Branch, Distribution, placed
from tests.fakes.slack_store import View

Body = dict[str, Any]


def sent(branch: Branch, kind: str) -> Body:
    """A payload of each kind, from a workspace or an organisation."""
    view = View("V1", "UADMIN", {"type": "modal", "blocks": [], "callback_id": "goal.save"}, "1", 1)
    made: dict[str, Any] = {
        "slash": lambda: payloads.slash(branch, "UADMIN", "D1", "/perf", "x", "http://127.0.0.1:1"),
        "event": lambda: payloads.typed(branch, "UADMIN", "x"),
        "home": lambda: payloads.opened("UADMIN", "D1"),
        "shortcut": lambda: payloads.interaction(branch, "UADMIN", "shortcut") | {"callback_id": "perf.tasks"},
        "submission": lambda: payloads.submission(branch, view, {}),
    }
    return placed(made[kind](), branch, "T0011" if branch.whole else "")


@pytest.mark.parametrize("kind", ["slash", "event", "home", "shortcut", "submission"])
def test_what_slack_sends_is_understood_as_bolt_does(kind: str) -> None:
    shop = Distribution(FakeSlack())
    for branch in (shop.add("T0002", "Alone"), shop.add("T0003", "Part", enterprise="E0002"), _grid(shop)):
        body = sent(branch, kind)
        assert shape.well_formed(body)
        whole = internals.extract_is_enterprise_install(body) is True
        theirs = internals.extract_enterprise_id(body) if whole else internals.extract_team_id(body)
        assert origin.tenants(body)[0] == (theirs, whole) == (branch.team, branch.whole)
        me = Identity(branch.team, "U", "B", "A0001", branch.team if whole else "", whole)
        assert ours(body, me)
        assert not ours(body, Identity("T0099", "U", "B", "A0001", "E0099", whole))
        assert not ours(body, Identity(branch.team, "U", "B", "A0099", branch.team, whole))


FURTHER: list[tuple[Body, tuple[origin.Tenant, ...]]] = [
    # A channel shared with another company: whose event it is, is not in its team_id (bolt-python, shared channels).
    ({"team_id": "T0009", "authorizations": [{"team_id": "T0001"}]}, (("T0001", False),)),
    # A modal opened through a message in such a channel.
    ({"team": {"id": "T0009"}, "view": {"app_installed_team_id": "T0001"}}, (("T0001", False), ("T0009", False))),
    # What is said to an organisation before a workspace of it is involved (bolt-js #1778 has no flag there).
    ({"team_id": None, "enterprise_id": "E0001", "authorizations": []}, (("E0001", True),)),
    # An organisation-wide installation names its workspace as well: that one did not install it.
    ({"team_id": "T0001", "enterprise_id": "E0001", "is_enterprise_install": True}, (("E0001", True),)),
    ({"authorizations": [{"enterprise_id": "E0001", "is_enterprise_install": True}]}, (("E0001", True),)),
    # Nothing, or nothing that is an id.
    ({"user": {"id": "U1", "team_id": "T0009"}}, ()),
    ({"team_id": "", "enterprise_id": ["E0001"], "view": [], "is_enterprise_install": 1}, ()),
    ({"is_enterprise_install": "yes", "team_id": "T0001"}, (("T0001", False),)),
]


@pytest.mark.parametrize(("body", "expected"), FURTHER)
def test_T10_what_is_said_elsewhere_counts_only_where_it_may(body: Body, expected: tuple[origin.Tenant, ...]) -> None:
    assert origin.tenants(body) == expected


def _grid(shop: Distribution) -> Branch:
    return shop.add("E0001", "Grid", teams=("T0011", "T0012"))
