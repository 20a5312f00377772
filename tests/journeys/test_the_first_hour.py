"""The runbook docs/work/first-hour.md, block by block as it is written, on the example factory."""

import json
import re
import shlex
from pathlib import Path

import pytest
from commands import here

ROOT = Path(__file__).parents[2]
RUNBOOK = ROOT / "docs" / "work" / "first-hour.md"
NOW = "$(date -u +%FT%TZ)"


def commands() -> list[str]:
    """The lines of its blocks of commands, without what stands behind a number sign; one that goes on in the next line is one."""
    text = RUNBOOK.read_text(encoding="utf-8")
    lines = "\n".join(re.findall(r"```sh\n(.*?)```", text, flags=re.DOTALL)).replace("\\\n", " ").splitlines()
    return [line.split("  #")[0].strip() for line in lines if line.strip()]


@pytest.fixture
def at_home(example_copy, monkeypatch):
    """In the folder of the project, with the example in the home and a clock that goes on by a second a command."""
    from asbuilt.kernel.instants import format_instant, parse_instant
    from asbuilt.ledger import clock

    example_copy.enter()
    monkeypatch.chdir(ROOT)
    monkeypatch.setenv("ASBUILT_PUBLIC", "psirt.halden.example=main")
    ticks = [parse_instant("2027-05-03T08:00:00Z")]
    clock.set_clock(lambda: ticks[0])

    def run(line: str, **marks: str) -> str:
        ticks[0] += 1_000_000
        for mark, value in {NOW: format_instant(ticks[0] - 500_000), **marks}.items():
            line = line.replace(mark, value)
        program, *arguments = shlex.split(line)
        assert program == "asbuilt"
        return here(*arguments)

    return run


def test_the_runbook_is_followed_to_its_end(at_home):
    listed, marks = commands(), {}
    assert len(listed) > 20
    for line in listed:
        shows = line.startswith(("asbuilt case draft", "asbuilt case fill"))
        said = at_home(f"{line} --format json" if shows else line, **marks)
        if shows:  # a person reads it under the draft
            marks["HASH"] = json.loads(said)["sha256"]
    case = json.loads(at_home("asbuilt case show C-1 --format json"))
    assert {"submitted", "notice_queued", "advisory_published", "measure", "field_action"} <= {
        one["kind"] for one in case["timeline"]
    }
    table = at_home("asbuilt case show C-1")
    assert re.search(r"early warning .*submitted 2027-05-03T\S+ SRP-1", table)
    (notice,) = json.loads(at_home("asbuilt case notices list C-1 --format json"))["notices"]
    assert notice["notice"] == "N-1"
    action = json.loads(at_home("asbuilt case action show F-1 --format json"))
    assert action["reach"]["units"] == 5001
