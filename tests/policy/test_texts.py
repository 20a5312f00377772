"""Every text of a page goes through gettext: a word in a template that is not marked would stay English for everybody."""

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
