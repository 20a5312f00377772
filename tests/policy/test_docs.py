"""The documents: every page is found from README, every link leads somewhere, generated pages are what the code gives, and
the commands of the first ten minutes do what the page says.

Rules of the start page: ```sh blocks are run one after the other in one shell; a ```text block behind one is what it
prints. `…` in it stands for any rest of a line, a line of `…` alone for any lines; times, hashes and durations are not compared.
"""

import os
import re
import shlex
import subprocess
from pathlib import Path

import pytest
from described import OPENING, SURE, VARIABLES
from generated_pages import PAGES, REFERENCE, ROOT, variables_in_code

START = ROOT / "docs" / "start" / "README.md"
PAGES_WRITTEN = sorted([*ROOT.glob("*.md"), *ROOT.glob("docs/**/*.md"), *ROOT.glob("examples/**/*.md")])
LINK = re.compile(r"!?\[[^\]]*\]\(([^)\s]+)\)")
FENCE = re.compile(r"^( *)```(\w*)\n(.*?)^\1```", re.DOTALL | re.MULTILINE)
# the words of the law are the law's; a product does not give itself a verdict
NOT_OURS_TO_SAY = re.compile(r"\b(compliant|guaranteed)\b", re.IGNORECASE)
CHANGING = (
    (re.compile(r"\b\d{4}-\d\d-\d\d(T[\d:.]+(Z|[+-]\d\d:\d\d)?)?"), "TIME"),
    (re.compile(r"\b[0-9a-f]{16,64}\b"), "HASH"),
    (re.compile(r"\b[\d,]+\.\d+( ms| s)?\b"), "DURATION"),
    (re.compile(r" +"), " "),
)


def name(page: Path) -> str:
    return str(page.relative_to(ROOT))


def links(page: Path) -> list[str]:
    """Targets of links to files of ours, without the anchor."""
    text = FENCE.sub("", page.read_text(encoding="utf-8"))
    return [link for link in LINK.findall(text) if not re.match(r"[a-z]+:", link)]


def anchors(page: Path) -> set[str]:
    """The anchors of its headings, as a forge makes them."""
    headings = re.findall(r"^#+ (.+)$", FENCE.sub("", page.read_text(encoding="utf-8")), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).strip().replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("page", PAGES_WRITTEN, ids=name)
def test_links_lead_somewhere(page):
    for link in links(page):
        path, _, anchor = link.partition("#")
        target = (page.parent / path).resolve() if path else page
        assert target.exists(), f"{name(page)} links {link}"
        if anchor:
            assert anchor in anchors(target), f"{name(page)} links {link}"


def test_every_page_is_reachable_from_the_readme():
    seen, ahead = set(), [ROOT / "README.md"]
    while ahead:
        page = ahead.pop()
        if page in seen or not page.is_file() or page.suffix != ".md":
            continue
        seen.add(page)
        ahead += [(page.parent / link.partition("#")[0]).resolve() for link in links(page)]
    assert not {name(page) for page in PAGES_WRITTEN if page not in seen}


@pytest.mark.parametrize("page", PAGES_WRITTEN, ids=name)
def test_no_page_gives_us_a_verdict(page):
    assert not NOT_OURS_TO_SAY.findall(page.read_text(encoding="utf-8"))


@pytest.mark.parametrize("page", sorted((ROOT / "docs" / "work").glob("*.md")), ids=name)
def test_a_page_of_work_is_a_screen_and_a_half(page):
    lines = page.read_text(encoding="utf-8").splitlines()
    assert len(lines) <= 75 and max(map(len, lines)) <= 150


@pytest.mark.parametrize("page", PAGES)
def test_generated_pages_are_what_the_code_gives(page):
    kept = (REFERENCE / page).read_text(encoding="utf-8")
    assert kept == PAGES[page](), "run .venv/bin/python tests/policy/generated_pages.py"


def test_every_term_table_and_variable_is_described():
    from asbuilt.formats.columns import TABLES
    from asbuilt.questions.genealogy.words.terms import TERMS

    assert set(SURE) == set(TERMS)
    assert set(OPENING) == set(TABLES)
    assert set(VARIABLES) == variables_in_code()


def test_the_examples_of_terms_can_be_asked():
    from asbuilt.questions.genealogy.words.language import parse

    for example, _ in SURE.values():
        parse(example)


def commands() -> list[tuple[str, str]]:
    """(page, line) of every call of asbuilt in a block of shell."""
    found = []
    for page in PAGES_WRITTEN:
        for indent, kind, block in FENCE.findall(page.read_text(encoding="utf-8")):
            if kind in ("sh", "console"):
                lines = [line.removeprefix(indent).removeprefix("$ ").strip() for line in block.splitlines()]
                found += [(name(page), line) for line in lines if re.match(r"(\S*/)?asbuilt ", line)]
    return found


@pytest.mark.parametrize(("page", "line"), commands())
def test_commands_that_pages_show_exist(page, line):
    """Parsed as the command line parses them; run are only those of the start page."""
    from asbuilt.doors.cli.commands import group_for
    from asbuilt.doors.cli.words import as_question

    words = shlex.split(re.split(r" (?:>|\|\||\|) ", line)[0], comments=True)[1:]
    words, called = as_question(words), "asbuilt"
    command = group_for(words[0] if words else "")
    while hasattr(command, "commands"):
        assert words and words[0] in command.commands, line
        called, command, words = words[0], command.commands[words[0]], words[1:]
    command.make_context(called, words)


def comparable(text: str) -> list[str]:
    lines = []
    for line in text.splitlines():
        for pattern, said in CHANGING:
            line = pattern.sub(said, line)
        if line.strip():
            lines.append(line.strip())
    return lines


def fits(shown: list[str], printed: list[str]) -> bool:
    """Whether what the page shows is what was printed; `…` as the rules above say."""
    pattern = "".join(
        r"(?:.*\n)*?" if line == "…" else ".*".join(map(re.escape, line.split("…"))) + r"\n" for line in shown
    )
    return re.fullmatch(pattern, "".join(line + "\n" for line in printed)) is not None


@pytest.fixture(scope="module")
def ten_minutes(tmp_path_factory) -> list[tuple[str, str, str]]:
    """(commands, what the page shows, what was printed) of each block of the start page."""
    place = tmp_path_factory.mktemp("clone")
    (place / ".venv").symlink_to(ROOT / ".venv")
    blocks = [(kind, text) for _, kind, text in FENCE.findall(START.read_text(encoding="utf-8"))]
    run = [
        (text, after if kind == "text" else "")
        for (name, text), (kind, after) in zip(blocks, [*blocks[1:], ("", "")], strict=True)
        if name == "sh"
    ]
    script = "set -e\nexec 2>&1\n" + "".join(f"{text}printf '\\f'\n" for text, _ in run)
    env = {name: value for name, value in os.environ.items() if not name.startswith("ASBUILT_")}
    env |= {"PYTHONUNBUFFERED": "1"}
    done = subprocess.run(
        ["bash", "-c", script], cwd=place, env=env, stdout=subprocess.PIPE, text=True, timeout=300, check=False
    )
    printed = done.stdout.split("\f")
    assert done.returncode == 0, done.stdout[-3000:]
    return [(text, shown, said) for (text, shown), said in zip(run, printed, strict=False)]


def test_the_first_ten_minutes_run_as_written(ten_minutes):
    assert len(ten_minutes) >= 6
    for text, shown, said in ten_minutes:
        if shown:
            assert fits(comparable(shown), comparable(said)), f"{text}\nprinted\n{said}\nthe page shows\n{shown}"


def test_what_is_shown_differently_is_found():
    assert fits(["a … c", "…", "z"], ["a b c", "x", "y", "z"])
    assert fits(["…", "z"], ["z"])
    assert not fits(["a"], ["a", "b"])
    assert not fits(["1 row"], ["2 rows"])
    assert comparable("took 3.4 s at 2027-01-01T00:00:00Z") == comparable("took 1.25 s at 2026-02-02T01:02:03Z")
