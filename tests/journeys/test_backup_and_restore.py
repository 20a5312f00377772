"""A backup brings the whole record to another machine: same root at its size, the restore as next entry, same answers."""

import shutil

import independent_count as count
from commands import answers_of, run, run_json

QUESTIONS = (
    "firmware:2.3.1 product:EG-200",
    "passed:OVEN-2@2027-03-15..2027-03-17",
    "lot:6B15",
    "reworked or scrapped",
)


def answers(place) -> dict[str, dict]:
    """The answers without the head they were read under and the time they took."""
    keys = ("question", "as_of", "affected", "finished", "by", "spans", "gaps", "notes", "serials")
    return answers_of(place, QUESTIONS, keys)


def test_backup_and_restore(example_copy, no_home, tmp_path):
    before, head = answers(example_copy), run_json(example_copy, "ledger", "checkpoint")
    run(example_copy, "backup", tmp_path / "whole.backup")
    shutil.copytree(example_copy.keys, no_home.keys)
    (told,) = run_json(no_home, "restore", tmp_path / "whole.backup")["logs"]
    assert (told["size"], told["root"], told["entry"]) == (head["size"], head["root"], head["size"] + 1)
    assert answers(no_home) == before
    assert run_json(no_home, "ledger", "checkpoint")["size"] == head["size"] + 1
    run(example_copy, "ledger", "checkpoint", "--to", tmp_path / "anchors")
    (anchor,) = (tmp_path / "anchors").iterdir()
    run(no_home, "ledger", "verify", "--anchor", anchor)
    assert all(file["loaded_before"] for file in run_json(no_home, "import", count.FOLDER)["files"])


def test_a_damaged_backup_restores_nothing(example_copy, no_home, tmp_path):
    file = tmp_path / "whole.backup"
    run(example_copy, "backup", file)
    content = bytearray(file.read_bytes())
    content[len(content) // 2] ^= 1
    file.write_bytes(content)
    run(no_home, "restore", file, expect=7)
    run(no_home, "restore", tmp_path / "no-such-file", expect=3)
    assert not list(no_home.folder.glob("blobs/??/*"))


def test_a_home_in_use_is_not_overwritten(example_copy, tmp_path):
    run(example_copy, "backup", tmp_path / "whole.backup")
    run(example_copy, "restore", tmp_path / "whole.backup", expect=4)


def test_no_private_key_is_in_a_backup(example_copy, tmp_path):
    run(example_copy, "backup", tmp_path / "whole.backup")
    content = (tmp_path / "whole.backup").read_bytes()
    private = [
        file.read_bytes() for file in example_copy.keys.rglob("*") if file.is_file() and b"PRIVATE" in file.read_bytes()
    ]
    assert private and all(line not in content for key in private for line in key.splitlines() if len(line) > 30)
