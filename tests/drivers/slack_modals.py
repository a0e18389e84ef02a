"""What a person sees of the modals on their screen, and what becomes of those when Slack is answered."""

from collections.abc import Mapping, Sequence

from tests.drivers import Seen, SeenForm
from tests.fakes.slack_rules import options
from tests.fakes.slack_screen import inputs, pictures, pressables, standing, text_of
from tests.fakes.slack_store import Json, Store, View

CARD = "modal:"
DEEPEST = 2  # a card and a form over it: one less than Slack takes
Typed = Mapping[str, str | Sequence[str]]


def on_top(store: Store, user: str) -> View | None:
    """The modal that can be used."""
    stack = store.views.get(user, [])
    return stack[-1] if stack else None


def is_form(view: View | None) -> bool:
    """Whether a modal can be submitted; the others show a card, or only say something."""
    return view is not None and "submit" in view.body


def card(store: Store, user: str) -> Seen | None:
    """The card in the modal on top."""
    view = on_top(store, user)
    if view is None or is_form(view) or not view.body.get("callback_id"):
        return None
    blocks = view.body["blocks"]
    said = f"{view.body['title']['text']}\n{text_of(blocks)}"
    return Seen(f"{CARD}{view.id}", said, tuple(one.label for one in pressables(blocks)), pictures(blocks), user)


def named(store: Store, user: str, name: str) -> View:
    """The open modal that was seen."""
    return next(view for view in store.views.get(user, []) if view.id == name.removeprefix(CARD))


def form(view: View, typed: Typed) -> SeenForm:
    """The form as it stands, with what was typed."""
    elements = {label: block["element"] for label, block in inputs(view.body["blocks"]).items()}
    selects = {label: element for label, element in elements.items() if "select" in element["type"]}
    choices = {
        label: tuple(option["text"]["text"] for option in options(element))
        for label, element in selects.items()
        if element["type"] != "users_select"
    }
    values = {label: standing(element) for label, element in elements.items()}
    mine = {label: value if isinstance(value, str) else tuple(value) for label, value in typed.items()}
    return SeenForm(view.body["title"]["text"], tuple(elements), values | mine, choices)


def said(store: Store, user: str) -> str:
    """A small modal that only says something is read and closed again."""
    view = on_top(store, user)
    if view is None or view.body.get("callback_id"):
        return ""
    store.views[user].pop()
    return text_of(view.body["blocks"])


def answered(store: Store, view: View, status: int, answer: Json) -> Mapping[str, str]:
    """What Slack does with the answer to a submitted modal; errors by label."""
    labels = {block["block_id"]: label for label, block in inputs(view.body["blocks"]).items()}
    stack = store.views[view.user]
    match answer.get("response_action"):
        case "errors":
            assert set(answer["errors"]) <= set(labels), "errors belong to input blocks"
            return {labels[name]: said for name, said in answer["errors"].items()}
        case "update":
            view.change(store.view_body(answer["view"]))
        case "push":
            store.push(store.show(view.user, store.view_body(answer["view"])))
        case "clear":
            stack.clear()
        case None if status == 200 and view in stack:
            stack.remove(view)
    return {}


def forgets(before: Json, after: Json) -> bool:
    """Whether what was typed is lost by a change: Slack keeps it where block_id and action_id stay the same."""
    return _places(before) != _places(after)


def _places(body: Json) -> set[tuple[str, str]]:
    return {(block["block_id"], block["element"]["action_id"]) for block in inputs(body["blocks"]).values()}
