"""Damaged files of every importer go all the way into the record: each is taken whole or kept refused, and the record verifies.

100 files an importer in each run, 5,000 with `ASBUILT_FUZZ_FILES=5000` (the readers alone meet 5,000 in every run: tests/formats).
Messages of machines: test_mutated_messages.
"""

import os
import random

import pytest
import result_files
from foreign_machines import AOI_MAPPING, OVEN_MAPPING, aoi, oven
from result_files import mutated

from asbuilt.built.messages.file_groups import record_files
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.formats.results import reading as formats

IMPORTERS = (*formats.KINDS, "mapped_csv", "mapped_json")
COUNTED = {"tests": "quality_test_run", "processes": "production_process_run"}
GROUP = 500


@pytest.fixture
def importer(line, actor):
    """importer(name) -> (kind to be told or "", file name behind the number, a file that is right, table it becomes)."""

    def of(name: str) -> tuple[str, str, bytes, str]:
        if name in formats.KINDS:
            file, whole = result_files.whole_files()[name]
            return name, file, whole, "tests"
        say_mapping(actor, OVEN_MAPPING if name == "mapped_csv" else AOI_MAPPING)
        return (
            ("", "OFEN_{}.csv", oven(), "processes") if name == "mapped_csv" else ("", "board-{}.json", aoi(), "tests")
        )

    return of


@pytest.mark.parametrize("name", IMPORTERS)
def test_damaged_files_are_taken_whole_or_kept_refused(importer, actor, sql, verified, name):
    seed = int(os.environ.get("ASBUILT_FUZZ_SEED") or random.randrange(1 << 32))
    count = int(os.environ.get("ASBUILT_FUZZ_FILES", "100"))
    print(f"ASBUILT_FUZZ_SEED={seed} ASBUILT_FUZZ_FILES={count} (5000 is the whole of it)")
    chance, (kind, file, whole, becomes) = random.Random(seed), importer(name)
    given = [(file.format(n) if "{}" in file else f"{n}-{file}", mutated(chance, whole)) for n in range(count)]
    given = [(name, content) for name, content in given if content]
    before = sql(f"SELECT count(*) FROM {COUNTED[becomes]}")[0][0]
    seen = [one for at in range(0, len(given), GROUP) for one in record_files(actor, given[at : at + GROUP], kind=kind)]
    assert len(seen) == len(given) and {one.use for one in seen} <= {"taken", "refused"}
    stored = {one.file: one.stored for one in seen if one.use == "taken" and not one.already}
    assert sql(f"SELECT count(*) FROM {COUNTED[becomes]}")[0][0] - before == sum(stored.values())
    for one in seen:
        assert one.rows == 0 or one.use == "taken"
        assert one.use == "taken" or one.detail
    kept = sql("SELECT file, use FROM messages_file")
    assert {one.file for one in seen} == {file for file, _ in kept} and verified() == []
