"""What an operator sees is German where the station is set so: screen, sentences with their values, remedies; records stay English."""

import gettext
import json
import os
import re
import subprocess
import sys
import zipfile
from pathlib import Path

import pytest
from station.test_operate_the_screen import drive, scanned, text
from station_floor import records

from asbuilt.station.words import in_words, use_language

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "tests" / "policy"))
from operator_sentences import sentences  # noqa: E402

CATALOG = ROOT / "src" / "asbuilt" / "locale" / "de" / "LC_MESSAGES"


@pytest.fixture
def german():
    use_language("de")
    yield
    use_language("")


def compiled() -> dict[str, str]:
    with open(CATALOG / "station.mo", "rb") as file:
        return {text: said for text, said in gettext.GNUTranslations(file)._catalog.items() if text}


def test_every_sentence_that_an_operator_can_see_has_a_german_one():
    said = sentences()
    assert len(said) > 300
    assert {
        "The unit is of revision …, the permit is for ….",  # lock-out
        "What is on … differs from the image, first at byte ….",  # cycle
        "Not to be shipped. Present the same unit again, or set it aside.",  # remedy
        "The permit ended ….",
        "… of … keys needed signed this …, or it was changed afterwards.",  # kernel
        "… did not end within … s",  # a tool's failure
        "The token does not do it: ….",
    } <= said
    known = compiled()
    assert sorted(said - set(known)) == []
    assert sorted(set(known) - said) == []  # nothing stands there that nobody says any more
    assert [text for text, german in known.items() if not german.strip() or german == text] == []


def test_the_catalogue_is_compiled_from_its_source():
    source = (CATALOG / "station.po").read_text("utf-8")
    found = re.findall(r'^msgid "(.+)"\nmsgstr "(.+)"$', source, re.MULTILINE)
    assert {one.replace('\\"', '"'): other.replace('\\"', '"') for one, other in found} == compiled()


@pytest.mark.parametrize("sentence", sorted(compiled()))
def test_a_sentence_keeps_its_values_in_their_places(sentence, german):
    values = [f"<{number}>" for number in range(sentence.count("…"))]
    english, translated = sentence, compiled()[sentence]
    places = re.findall(r"…|\{\d\}", translated)
    assert len(places) == len(values)
    for value in values:
        english = english.replace("…", value, 1)
        translated = translated.replace("…", value, 1)
    assert in_words(english) == re.sub(r"\{(\d)\}", lambda place: f"<{place[1]}>", translated)


def test_what_nobody_translated_is_shown_as_it_is(german):
    assert in_words("flashrom says something new") == "flashrom says something new"
    assert in_words("") == ""
    stands = in_words("The station stands: The permit ended 2026-11-28T08:00:00Z.")
    assert stands == "Die Station steht: Die Genehmigung endete 2026-11-28T08:00:00Z."


def test_the_screen_speaks_german_and_the_record_english(floor, cortex, german):
    station = floor.station([cortex().place()])

    async def steps(app, pilot):
        assert text(app, "ask") == "Ausweis scannen"
        await scanned(pilot, "OP-7", "WO-7 A", "SN-1")
        assert text(app, "result") == "STOP · SN-1\nFalsche Hardware-Revision"
        said = text(app, "said")
        assert said.startswith("Die Einheit hat Revision A, die Genehmigung gilt für B. Die Einheit herausnehmen;")
        await scanned(pilot, "OP-8", "weiter")
        assert text(app, "said").startswith("jan darf keinen Alarm aufheben. Ingenieur oder Qualitätsleitung rufen.")

    drive(station, steps)
    (record,) = records(station)
    assert record.said == "The unit is of revision A, the permit is for B."

    async def again(app, pilot):
        assert text(app, "said") == "Die Einheit hat Revision A, die Genehmigung gilt für B."

    drive(station, again)


def command(home: Path, *words: str, given: str = "", **env) -> subprocess.CompletedProcess:
    program = [str(Path(sys.executable).with_name("asbuilt-station")), "--home", str(home), *words]
    kept = {name: value for name, value in os.environ.items() if name not in ("LANGUAGE", "LC_ALL", "LANG")}
    return subprocess.run(
        program, input=given, capture_output=True, text=True, timeout=60, cwd="/", env={**kept, **env}
    )


def test_the_language_is_that_of_the_option_then_of_the_settings_then_of_the_environment(floor, cortex):
    station = floor.station([cortex().place()])
    home, english, german = (
        station.home.folder,
        "No alarm stands. [station.no_alarm]",
        "Es steht kein Alarm. [station.no_alarm]",
    )
    release = ("release", "--why", "x")

    def said(*words: str, **env) -> str:
        done = command(home, *words, given="QL-1\n", **env)
        assert done.returncode == 3
        return done.stderr.splitlines()[0]

    assert said(*release) == english
    assert said(*release, LANGUAGE="de") == german
    assert said("--language", "de", *release) == german
    settings = json.loads((home / "station.json").read_text())
    (home / "station.json").write_text(json.dumps({**settings, "language": "de"}))
    assert said(*release) == german
    assert said("--language", "en", *release, LANGUAGE="de") == english
    assert command(home, "--language", "fr", *release).returncode == 2
    (home / "station.json").write_text(json.dumps({**settings, "language": "fr"}))
    assert "[kernel.document_field]" in command(home, "status").stderr


def test_a_line_for_a_fixture_stays_english(floor, cortex):
    station = floor.station([cortex().place()])
    scan = json.dumps({"badge": "OP-7", "order": "WO-7", "unit": "SN-1", "revision": "A"})
    said = json.loads(command(station.home.folder, "--language", "de", "run", given=scan + "\n").stdout)
    assert said["said"] == "The unit is of revision A, the permit is for B."


def test_the_catalogues_are_packed_with_the_program(tmp_path, monkeypatch):
    from flit_core import buildapi

    monkeypatch.chdir(ROOT)
    wheel = tmp_path / buildapi.build_wheel(str(tmp_path))
    names = zipfile.ZipFile(wheel).namelist()
    for domain in ("django", "station"):
        assert f"asbuilt/locale/de/LC_MESSAGES/{domain}.mo" in names
