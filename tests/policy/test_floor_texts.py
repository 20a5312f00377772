"""Polish and French are whole where an operator reads them: the files of the floor, their refusals, the station's own screen."""

import gettext
import re
import subprocess
from pathlib import Path

import pytest
from floor_texts import SOURCE, TEMPLATES, WEB, catalog, files, refusals, texts

LANGUAGES = {"pl": 3, "fr": 2}  # forms a number has: 1 wyrób, 2 wyroby, 5 wyrobów; 1 unité, 2 unités
LOCALE = SOURCE / "locale"
VALUES = re.compile(r"%\(\w+\)s|%%|\{\w*\}|</?\w+>|`[^`]*`")


def test_the_floor_is_found_from_its_pages():
    named = {file.name for file in files()}
    assert {"station.html", "setup_by_hand.html", "queue.html", "stop.html", "sign_in.html", "refusal.html"} <= named
    assert {"goods_in.py", "standing.py", "refusal_words.py", "screen.py"} <= named
    taken = {file.name for file in TEMPLATES.glob("*.html") if 'extends "floor.html"' in file.read_text("utf-8")}
    assert taken <= named and len(texts()) > 900 and len(refusals()) > 150
    assert "ask.html" not in named and "permits.html" not in named


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_text_of_the_floor_is_there(language):
    said = catalog(language)
    whole = {key if isinstance(key, str) else key[0] for key in said}
    missing = {text: place for text, place in {**refusals(), **texts()}.items() if text not in whole}
    assert missing == {}


@pytest.mark.parametrize("language", LANGUAGES)
def test_values_and_marks_are_those_of_the_english_text(language):
    wrong = []
    for key, text in catalog(language).items():
        english = key if isinstance(key, str) else key[0]
        if sorted(VALUES.findall(english)) != sorted(VALUES.findall(text)):
            wrong.append((english, text))
        if english[-1:] in ".?:" and text[-1:] != english[-1:]:
            wrong.append((english, text))
    assert wrong == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_numbers_have_the_forms_of_the_language(language):
    forms = {}
    for key in catalog(language):
        if not isinstance(key, str):
            forms.setdefault(key[0], set()).add(key[1])
    german = {key[0] for key in catalog("de") if not isinstance(key, str)} & set(texts())
    assert german and {text: set(range(LANGUAGES[language])) for text in german} == forms


def test_polish_and_french_count():
    from django.utils.translation import ngettext, override

    def counted(*numbers):
        return [ngettext("%(n)s unit", "%(n)s units", n) % {"n": n} for n in numbers]

    with override("pl"):
        assert counted(0, 1, 2, 4, 5, 11, 12, 14, 21, 22, 25, 101, 102, 112) == [
            "0 wyrobów", "1 wyrób", "2 wyroby", "4 wyroby", "5 wyrobów", "11 wyrobów", "12 wyrobów", "14 wyrobów", "21 wyrobów",
            "22 wyroby", "25 wyrobów", "101 wyrobów", "102 wyroby", "112 wyrobów",
        ]  # fmt: skip
    with override("fr"):
        assert counted(0, 1, 2) == ["0 unité", "1 unité", "2 unités"]


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_catalog_is_compiled_and_nothing_in_it_is_unsure(language, tmp_path):
    place = LOCALE / language / "LC_MESSAGES"
    assert "fuzzy" not in (place / "django.po").read_text("utf-8")
    made = tmp_path / "django.mo"
    subprocess.run(["msgfmt", "--check-format", "--check-domain", "-o", made, place / "django.po"], check=True)
    with open(made, "rb") as fresh:
        compiled = {key: text for key, text in gettext.GNUTranslations(fresh)._catalog.items() if key and text}
    assert compiled == catalog(language), f"msgfmt {place}/django.po -o {place}/django.mo"


@pytest.mark.parametrize("language", LANGUAGES)
def test_nothing_is_said_that_no_page_says(language):
    english = {key if isinstance(key, str) else key[0] for key in catalog(language)}
    assert sorted(english - set(texts()) - set(refusals())) == []


@pytest.mark.parametrize("language", ["de", *LANGUAGES])
def test_a_label_beside_a_value_fits_a_phone(language):
    """On 390 px a cell's label has 5.5 rem in small type, about 12 letters."""
    labels = {
        text for file in files() for text in re.findall(r'data-l="{% translate "([^"]*)" %}', file.read_text("utf-8"))
    }
    assert len(labels) > 15
    assert [catalog(language)[text] for text in labels if len(catalog(language)[text]) > 12] == []


def test_german_has_the_same_refusals():
    assert sorted(set(refusals()) - set(catalog("de"))) == []


GLOSSARY = Path(__file__).resolve().parents[2] / "docs" / "floor-words.md"


@pytest.mark.parametrize(("column", "language"), [(2, "de"), (3, "pl"), (4, "fr")])
def test_the_words_of_the_glossary_are_those_of_the_screens(column, language):
    rows = [
        [cell.strip() for cell in row.split("|")]
        for row in GLOSSARY.read_text("utf-8").splitlines()
        if row.startswith("| ")
    ]
    words, said = rows[1:], " ".join(catalog(language).values()).casefold()
    assert len(words) > 25
    # a word bends: its stem is what is looked for
    unsaid = [
        row[1]
        for row in words
        for word in re.findall(r"[\w-]+", row[column].casefold())
        if word[: max(3, len(word) - 2)] not in said
    ]
    assert unsaid == []


def test_scripts_carry_no_text():
    """What a script says stands in data attributes of the page, where the templates' tests find it."""
    sentence = re.compile(r"""["'`]([A-Z][a-z]+ [^"'`\n]*[a-z]{2})[.:?]?["'`]""")
    found = [text for file in (WEB / "static").glob("*.js") for text in sentence.findall(file.read_text("utf-8"))]
    assert len(list((WEB / "static").glob("*.js"))) >= 5 and found == []
