"""The properties that card JSON 2.0 knows, tag by tag; any other is an error there."""

import re


def _words(said: str) -> frozenset[str]:
    return frozenset(said.split())


LOCALES = _words("zh_cn en_us zh_hk zh_tw ja_jp id_id vi_vn th_th pt_br es_es ko_kr de_de fr_fr it_it ru_ru ms_my")
TEMPLATES = _words("blue wathet turquoise green yellow orange red carmine violet purple indigo grey default")
COLORS = _words("neutral blue turquoise lime orange violet indigo wathet green yellow red purple carmine grey")
BUTTONS = _words("default primary danger text primary_text danger_text primary_filled danger_filled laser")
SIZES = _words("heading-0 heading-1 heading-2 heading-3 heading-4 heading normal notation xxxx-large") | {
    "xxx-large",
    "xx-large",
    "x-large",
    "large",
    "medium",
    "small",
    "x-small",
}
ALIGN = frozenset(("left", "center", "right"))
PIXELS = re.compile(r"-?\d{1,3}px")
FOUR = re.compile(r"-?\d{1,2}px( -?\d{1,2}px){0,3}")
V1_ONLY = frozenset(("action", "note"))
CONTAINERS = frozenset(("form", "column_set", "collapsible_panel", "interactive_container"))
NAMED = _words("input select_static multi_select_static select_person multi_select_person date_picker picker_time") | {
    "picker_datetime",
    "checker",
    "select_img",
    "button",
}
FORM_ONLY = frozenset(("multi_select_static", "multi_select_person"))

TOP = {
    "card": "schema config card_link header body",
    "config": "update_multi width_mode enable_forward enable_forward_interaction locales summary "
    "use_custom_translation streaming_mode streaming_config style",
    "header": "title subtitle text_tag_list i18n_text_tag_list template icon padding",
    "body": "direction padding horizontal_spacing horizontal_align vertical_spacing vertical_align elements",
    "confirm": "title text",
    "callback": "type value",
    "open_url": "type default_url pc_url ios_url android_url",
    "card_link": "url pc_url ios_url android_url",
}
_FIELD = "name required disabled width behaviors confirm placeholder"
_BOX = "direction padding horizontal_spacing horizontal_align vertical_spacing vertical_align elements"
_TEXT = "content i18n_content text_size text_align text_color lines"
KEYS = {
    "plain_text": _TEXT,
    "lark_md": _TEXT,
    "text_tag": "text color",
    "standard_icon": "token color size",
    "custom_icon": "img_key size",
    "markdown": "content i18n_content text_align text_size icon",
    "div": "text icon width",
    "hr": "",
    "img": "img_key i18n_img_key alt title corner_radius scale_type size transparent preview",
    "img_combination": "combination_mode combination_transparent corner_radius img_list",
    "person": "user_id size show_avatar show_name style",
    "person_list": "persons size lines show_name show_avatar drop_invalid_user_id icon",
    "audio": "file_key audio_id show_progress width",
    "chart": "chart_spec aspect_ratio color_theme height preview",
    "table": "page_size row_height row_max_height freeze_first_column header_style columns rows",
    "form": f"name confirm {_BOX}",
    "column_set": "flex_mode background_style horizontal_spacing horizontal_align columns action",
    "column": f"width weight background_style action {_BOX}",
    "collapsible_panel": f"expanded header border background_color {_BOX}",
    "interactive_container": f"width height background_style has_border border_color corner_radius behaviors "
    f"hover_tips disabled disabled_tips confirm {_BOX}",
    "button": "name type size width text icon hover_tips disabled disabled_tips confirm behaviors form_action_type",
    "input": f"{_FIELD} label label_position default_value i18n_default_value input_type rows max_rows auto_resize "
    "max_length show_icon",
    "select_static": f"{_FIELD} type options initial_option initial_index",
    "multi_select_static": f"{_FIELD} type options selected_values",
    "select_person": f"{_FIELD} type options initial_option",
    "multi_select_person": f"{_FIELD} type options selected_values",
    "date_picker": f"{_FIELD} initial_date",
    "picker_time": f"{_FIELD} initial_time",
    "picker_datetime": f"{_FIELD} initial_datetime",
    "select_img": "name required disabled multi_select layout aspect_ratio can_preview options value behaviors",
    "checker": "name checked text overall_checkable button_area checked_style disabled hover_tips disabled_tips "
    "confirm behaviors",
    "overflow": "width options confirm behaviors",
}
EVERY = "tag element_id margin"
BARE = frozenset(("plain_text", "lark_md", "text_tag", "standard_icon", "custom_icon"))
REQUIRED = {
    "plain_text": "content",
    "lark_md": "content",
    "text_tag": "text",
    "standard_icon": "token",
    "custom_icon": "img_key",
    "markdown": "content",
    "div": "text",
    "img": "img_key alt",
    "chart": "chart_spec",
    "table": "columns rows",
    "form": "name elements",
    "column_set": "columns",
    "collapsible_panel": "header elements",
    "interactive_container": "elements",
    "button": "text",
    "select_static": "options",
    "multi_select_static": "options",
    "person": "user_id",
    "person_list": "persons",
    "overflow": "options",
}
ENUMS: dict[tuple[str, str], frozenset[str]] = {
    ("button", "type"): BUTTONS,
    ("button", "size"): frozenset(("tiny", "small", "medium", "large")),
    ("button", "form_action_type"): frozenset(("submit", "reset")),
    ("input", "input_type"): frozenset(("text", "multiline_text", "password")),
    ("input", "label_position"): frozenset(("top", "left")),
    ("markdown", "text_align"): ALIGN,
    ("markdown", "text_size"): SIZES,
    ("plain_text", "text_size"): SIZES,
    ("plain_text", "text_align"): ALIGN,
    ("lark_md", "text_size"): SIZES,
    ("lark_md", "text_align"): ALIGN,
    ("text_tag", "color"): COLORS,
    ("img", "scale_type"): frozenset(("crop_center", "crop_top", "fit_horizontal")),
    ("column_set", "flex_mode"): frozenset(("none", "flow", "bisect", "trisect", "stretch")),
    ("chart", "aspect_ratio"): frozenset(("1:1", "2:1", "4:3", "16:9")),
    ("chart", "color_theme"): _words("brand rainbow complementary converse primary"),
    ("select_static", "type"): frozenset(("default", "text")),
}
BOOLEANS = _words(
    "required disabled expanded preview update_multi enable_forward enable_forward_interaction "
    "use_custom_translation streaming_mode freeze_first_column show_icon auto_resize has_border transparent"
)
NUMBERS = {
    ("input", "max_length"): (1, 1000),
    ("input", "rows"): (1, 100),
    ("input", "max_rows"): (1, 100),
    ("table", "page_size"): (1, 10),
    ("column", "weight"): (1, 5),
}
COLUMN_KEYS = _words("name display_name data_type format date_format width horizontal_align vertical_align")
DATA_TYPES = frozenset(("text", "lark_md", "markdown", "options", "number", "persons", "date"))
HEADER_STYLE = frozenset(("text_align", "text_size", "background_style", "text_color", "bold", "lines"))
