"""The card template an operator imports once in DingTalk's card platform: one generic template for every form.

The editor's export has the tree of components with what each is bound to (`editorData`) and what clients without the
form component show (`widgetInfo`); properties left out have the editor's own defaults.
"""

from collections.abc import Mapping, Sequence
from xml.sax.saxutils import quoteattr

from bot.platforms.dingtalk.shapes import Json, dumped

VARIABLES: Mapping[str, str] = {
    "title": "string",
    "notice": "markdown",
    "form": "form",
    "form_btn_text": "string",
    "form_status": "string",
}
MEANINGS: Mapping[str, str] = {
    "title": "标题",
    "notice": "表单上方的说明，或未通过的原因",
    "form": "表单的各项",
    "form_btn_text": "提交按钮的文字",
    "form_status": "normal：可以填写，disabled：已经提交",
}
OLD = "当前版本的钉钉不支持表单，请升级后再填写。"
ITEM = (
    "name",
    "label",
    "type",
    "hidden",
    "required",
    "requiredMsg",
    "readOnly",
    "placeholder",
    "defaultValue",
    "format",
)
FLAGS = ("hidden", "required", "readOnly")
SHOWN = {"type": "dynamicVisible", "value": True, "valueType": "fixed", "condition": {"op": "and", "conditions": []}}


def importable() -> Json:
    """What the card platform's import reads."""
    return {"editorData": dumped(_editor()), "widgetInfo": _widget(), "type": "im", "mode": "card"}


def _editor() -> Json:
    return {
        "schemaVersion": "3.0.0",
        "schema": {
            "version": "1.0.0",
            "componentsMap": [_component(name) for name in ("CardHeaderV2", "Markdown", "Form", "Card")],
            "componentsTree": [_card()],
            "i18n": {},
        },
        "mockData": {"cardData": _sample(), "cardPrivateData": {}, "localData": {}, "richTextData": {}},
        "editVersion": 0,
        "customWidgetInfo": "",
        "useCustomWidgetInfo": False,
        "variableList": [_variable(name) for name in VARIABLES],
        "formList": [],
        "expList": [],
        "localList": [],
        "hsfList": [],
        "lwpList": [],
        "extension": {
            "extendType": "NORMAL",
            "fileTypeList": [{"fileName": "event_chain", "fileSource": "{}", "fileType": "json"}],
        },
    }


def _component(name: str) -> Json:
    if name == "Form":
        return {"devMode": "lowCode", "componentName": name}
    where = {"package": "@ali/dxComponent", "version": "1.0.0", "exportName": name, "main": "./src/index.tsx"}
    return {**where, "destructuring": False, "subName": "", "componentName": name}


def _card() -> Json:
    """The tree: a header, what is said above the form, and the form, whose button sends the form back."""
    form = {
        "id": "form",
        "formSchema": _bound("form"),
        "submitText": _text("form_btn_text"),
        "status": {"type": "dynamicSelect", "valueType": "variable", "value": "normal", **_of("form_status")},
        "actionType": "request",
        "params": [],
        "visible": SHOWN,
    }
    said = {"type": "dynamicMarkdown", "valueType": "variable", "value": "", **_of("notice")}
    children = [
        _node("CardHeaderV2", "node_title", {"title": _text("title")}),
        _node("Markdown", "node_notice", {"content": said, "visible": SHOWN, "marginLeft": 12, "marginRight": 12}),
        _node("Form", "node_form", form),
    ]
    return {**_node("Card", "node_card", {"hasCardHeader": True}), "fileName": "pandian_form", "children": children}


def _node(name: str, number: str, props: Json) -> Json:
    kept = {"hidden": False, "title": "", "isLocked": False, "condition": True, "conditionGroup": ""}
    return {"componentName": name, "id": number, "props": props, **kept}


def _of(variable: str) -> Json:
    return {"variable": variable, "variableType": "global"}


def _bound(variable: str) -> Json:
    return {"type": "variableValue", **_of(variable)}


def _text(variable: str) -> Json:
    return {"type": "dynamicString", "content": f"${{{variable}}}", "i18n": False}


def _variable(name: str) -> Json:
    kind = VARIABLES[name]
    made = _declared(name, name, kind) | {"description": MEANINGS[name]}
    return made | {"disabled": False, "schema": [_items()]} if kind == "form" else made


def _items() -> Json:
    """What the form variable holds."""
    at = "form.fields[0]"
    fields = [_declared(f"{at}.{name}", name, "boolean" if name in FLAGS else "string") for name in ITEM]
    options = [_declared(f"{at}.options[0].{name}", name, "string") for name in ("value", "text")]
    listed = _declared(f"{at}.options", "options", "loopArray") | {"schema": _fixed(options)}
    return _declared("form.fields", "fields", "loopArray") | {"disabled": True, "schema": _fixed([*fields, listed])}


def _fixed(declared: Sequence[Json]) -> list[Json]:
    return [one | {"disabled": True} for one in declared]


def _declared(number: str, name: str, kind: str) -> Json:
    return {"id": number, "name": name, "type": kind, "private": False, "editorVarType": "variables"}


def _sample() -> Json:
    """What the editor shows as a preview."""
    levels = [{"value": "A", "text": "A 优秀"}, {"value": "B", "text": "B 良好"}]
    fields = [
        {"name": "level", "label": "自评等级", "type": "SELECT", "required": True, "options": levels},
        {"name": "comment", "label": "说明", "type": "TEXT_AREA", "minRows": 3},
        {"name": "due", "label": "日期", "type": "DATE", "format": "yyyy-MM-dd"},
    ]
    said = {"title": "自评", "notice": "请在截止日期前填写。", "form_btn_text": "提交", "form_status": "normal"}
    return said | {"form": {"fields": fields}}


def _widget() -> str:
    """What a client too old for forms shows: the title, and what to do."""
    title, old = "@toStr{@data{data.cardData.title}}", OLD
    frame = 'width="match_parent" height="match_content" marginTop="12np" marginLeft="12np" marginRight="12np"'
    style = 'width="match_parent" height="match_content" textSize="15np" maxLines="2" lineBreakMode="end"'
    lines = [
        f"<LinearLayout {frame}><FastTextView {style} text={quoteattr(said)}/></LinearLayout>" for said in (title, old)
    ]
    outer = 'width="@data{width}" height="match_content" orientation="vertical" cornerRadius="6np"'
    return f'<LinearLayout {outer} userId="node_card">{"".join(lines)}</LinearLayout>'
