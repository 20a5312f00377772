"""Every text of a page goes through gettext: a word in a template that is not marked would stay English for everybody."""

import ast
import gettext
import html
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
TEMPLATES = sorted((ROOT / "src" / "asbuilt" / "doors" / "web" / "templates").rglob("*.html"))
MARKED = re.compile(r"\{%\s*blocktrans(?:late)?\b.*?\{%\s*endblocktrans(?:late)?\s*%\}", re.DOTALL)
TAGS = re.compile(r"\{%.*?%\}|\{\{.*?\}\}|\{#.*?#\}", re.DOTALL)
SPOKEN = re.compile(r"""\s(?:title|alt|placeholder|aria-label)=(?:"([^"]*)"|'([^']*)')""")
NOT_TEXT = re.compile(r"<(script|style|svg|code|pre)\b.*?</\1>|<!--.*?-->|<!DOCTYPE[^>]*>", re.DOTALL | re.IGNORECASE)
# names are the same in every language
NAMES = {
    "asbuilt",
    "sn",
    "uid",
    "csv",
    "json",
    "api",
    "id",
    "ulid",
    "sha",
    "utc",
    "deutsch",
    "english",
    "polski",
    "français",
    "kib",
    "mib",
    "svg",
    "png",
    "dxf",
    "gtin",
    "gs",
    "mm",
    "cp",
    "cpk",
    "pp",
    "ppk",
    "dpmo",
    "sscc",
}


@pytest.mark.parametrize("template", TEMPLATES, ids=lambda file: file.name)
def test_no_text_is_unmarked(template):
    # tags of the template first: what stands between their quotes may hold quotes, < and >
    text = NOT_TEXT.sub(" ", TAGS.sub(" ", MARKED.sub(" ", template.read_text(encoding="utf-8"))))
    spoken = [first or second for first, second in SPOKEN.findall(text)]
    plain = re.sub(r"<[^>]*>", "\n", text)
    words = [word for part in [*spoken, plain] for word in re.findall(r"[^\W\d_]{2,}", html.unescape(part))]
    assert [word for word in words if word.casefold() not in NAMES] == []


def test_german_has_every_text():
    catalog = (ROOT / "src" / "asbuilt" / "locale" / "de" / "LC_MESSAGES" / "django.po").read_text(encoding="utf-8")
    entries = re.split(r"\n\s*\n", catalog)[1:]
    missing = []
    for entry in entries:
        if entry.lstrip().startswith("#~"):
            continue
        said = "".join(re.findall(r'^msgid "(.*)"|^"(.*)"', entry.split("msgstr")[0], re.MULTILINE)[0])
        texts = re.findall(r'^msgstr(?:\[\d\])? "(.*)"((?:\n".*")*)', entry, re.MULTILINE)
        if "fuzzy" in entry.split("msgid")[0] or not all(first or more for first, more in texts):
            missing.append(said)
    assert missing == []


CATALOG = ROOT / "src" / "asbuilt" / "locale" / "de" / "LC_MESSAGES"
MARKS = {"_", "gettext", "gettext_lazy", "gettext_noop", "ngettext", "ngettext_lazy", "pgettext"}


def marked(source: str) -> set[str]:
    """The texts that a Python source marks for the translators."""
    found = set()
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.Call) and node.args:
            name = getattr(node.func, "id", getattr(node.func, "attr", ""))
            first = node.args[0]
            if name in MARKS and isinstance(first, ast.Constant) and isinstance(first.value, str):
                found.add(first.value)
    return found


def marked_in_templates() -> set[str]:
    """The texts that the templates mark, as Django's own tool reads them."""
    from django.utils.translation.template import templatize

    found = set()
    for template in TEMPLATES:
        # each marked text becomes a call, everything else X and blanks
        calls = templatize(template.read_text("utf-8"))
        for begin in re.finditer(r"\b(?:_|n?gettext|pgettext)\(", calls):
            ends = (end.end() for end in re.finditer(r"\)", calls[begin.start() :]))
            found |= next(filter(None, (marked_in(calls[begin.start() :][:end]) for end in ends)), {begin[0]})
    return found


def marked_in(call: str) -> set[str]:
    """The text of one call; none where this is not yet the end of the call."""
    try:
        return marked(call)
    except SyntaxError:
        return set()


def test_german_knows_every_text_that_pages_and_questions_say():
    with open(CATALOG / "django.mo", "rb") as compiled:
        known = gettext.GNUTranslations(compiled)._catalog
    spoken = {key if isinstance(key, str) else key[0] for key in known}
    said = marked_in_templates()
    for file in sorted((ROOT / "src" / "asbuilt").rglob("*.py")):
        said |= marked(file.read_text(encoding="utf-8"))
    assert len(said) > 400
    assert sorted(said - spoken) == []


ROOMS_ON_PAGES = ("access", "question", "register", "web", "supply", "labels")


def test_german_knows_what_pages_refuse_with():
    from error_codes import codes

    with open(CATALOG / "django.mo", "rb") as compiled:
        known = gettext.GNUTranslations(compiled)._catalog
    said = {text for code, all_said in codes().items() if code.split(".")[0] in ROOMS_ON_PAGES for one in all_said
            for text in (one.message, one.remedy) if text and "…" not in text}  # fmt: skip
    assert len(said) > 40
    assert sorted(said - set(known)) == []


# the rooms whose refusals the desks of a case show: a value stands in the catalog as …
ROOMS_OF_A_CASE = ("access", "cases", "csaf", "portal", "question", "register", "web")
NOT_ON_PAGES = ("doors/cli/", "doors/api/")


def test_german_has_the_shape_of_every_refusal_that_a_case_meets():
    from error_codes import codes

    with open(CATALOG / "django.mo", "rb") as compiled:
        known = gettext.GNUTranslations(compiled)._catalog
    said = {text: one.place for code, all_said in codes().items() if code.split(".")[0] in ROOMS_OF_A_CASE for one in all_said
            if not any(door in one.place for door in NOT_ON_PAGES)
            for text in (one.message, one.remedy) if re.search(r"[a-z]{3}", text)}  # fmt: skip
    assert sum("…" in text for text in said) > 200
    assert {text: place for text, place in said.items() if text not in known} == {}
    shapes = {text: told for text, told in known.items() if isinstance(text, str) and "…" in text}
    assert [text for text, told in shapes.items() if told.count("…") != text.count("…")] == []
