"""What README promises, done by a newcomer: a clean clone, `script/run --once`, then every command that it shows."""

import os
import re
import subprocess
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
SECONDS_MAX = 600


def bash(command: str, folder: Path) -> subprocess.CompletedProcess:
    environment = {
        name: os.environ[name] for name in os.environ if not name.startswith(("ASBUILT_", "VIRTUAL_ENV", "PYTHON"))
    }
    return subprocess.run(
        ["bash", "-c", command], cwd=folder, env=environment, capture_output=True, text=True, timeout=SECONDS_MAX
    )


@pytest.fixture(scope="module")
def clone(tmp_path_factory) -> Path:
    """A clean clone in which the first command was run."""
    folder = tmp_path_factory.mktemp("clone") / "asbuilt"
    subprocess.run(["git", "clone", "--quiet", "--no-hardlinks", ROOT, folder], check=True)
    first = bash("script/run --once", folder)
    assert first.returncode == 0, first.stderr[-4000:]
    (folder / "first.txt").write_text(first.stdout)
    return folder


def test_the_stories_print_their_numbers(clone):
    lines = [line.split() for line in (clone / "first.txt").read_text().splitlines()]
    # examples/README.md, counted by tests/journeys/independent_count.py
    assert ["affected", "5,001", "0", "0"] in lines
    assert ["Distributor", "X", "3,000", "0", "0"] in lines
    assert ["affected", "1,249", "529", "0"] in lines
    assert ["finished", "953", "376", "0"] in lines


def test_a_station_works_and_stops_at_the_wrong_board(clone):
    lines = (clone / "first.txt").read_text().splitlines()
    assert [line.split()[1] for line in lines if line.strip().startswith("PASS")] == [
        "MB-061068",
        "MB-061069",
        "MB-061070",
    ]
    (stop,) = [line for line in lines if line.strip().startswith("STOP")]
    assert "MB-056001" in stop and "revision A" in stop


def test_the_second_time_it_answers_the_same(clone):
    """But for the three boards that the station programmed meanwhile: their release has no SBOM, so story c cannot say."""
    again = bash("script/run --once", clone)
    assert again.returncode == 0, again.stderr[-4000:]
    first, second = (
        [line.split() for line in said.splitlines() if line.startswith(("affected", "finished"))]
        for said in ((clone / "first.txt").read_text(), again.stdout)
    )
    assert second[:4] == first[:4]
    assert first[4:] == [["affected", "1,948", "4", "0"], ["finished", "1,948", "4", "0"]]
    assert second[4:] == [["affected", "1,948", "4", "3"], ["finished", "1,948", "4", "3"]]


def test_every_command_shown_works(clone):
    blocks = re.findall(r"^```sh\n(.*?)^```", (clone / "README.md").read_text(), re.DOTALL | re.MULTILINE)
    shown = [line for block in blocks for line in block.splitlines() if line.startswith(".venv/bin/asbuilt")]
    assert len(shown) >= 5
    for line in shown:
        done = bash(line, clone)
        assert done.returncode == 0, f"{line}\n{done.stderr[-2000:]}"


def test_the_clone_stays_clean(clone):
    left = subprocess.run(
        ["git", "status", "--porcelain"], cwd=clone, capture_output=True, text=True, check=True
    ).stdout
    assert set(left.split()) <= {"??", "first.txt", "10842.json"}
