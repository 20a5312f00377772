"""Damaged files of every importer: 5,000 of each are read as the record would read them, and what survives goes into the record.

The readers are asked in this process, without a database: each file ends in rows or in a refusal by name. Of those that are read, as many as
STORED (all of them with `ASBUILT_SOAK=1`) are recorded, up to 200 in one transaction, with some that are not: each is taken whole or kept
refused, and the record verifies. Chosen are first those that differ most: one of each set of changed columns. Messages of machines:
test_mutated_messages.
"""

import json
import random
import time
from datetime import UTC
from hashlib import sha256

import pytest
import result_files
from foreign_machines import AOI_MAPPING, OVEN_MAPPING, aoi, oven
from result_files import mutated
from soak import FULL, drawn, seed

from asbuilt.built.messages.file_groups import record_files
from asbuilt.built.messages.file_readers import reader_for
from asbuilt.built.messages.mapping import say_mapping
from asbuilt.formats.machine_files import MachineRows
from asbuilt.formats.refusals import ErrorList
from asbuilt.formats.results import reading as formats
from asbuilt.formats.results.reading import kind_of
from asbuilt.kernel.errors import Invalid

IMPORTERS = {
    **{kind: (kind, *result_files.whole_files()[kind]) for kind in formats.KINDS},
    "mapped_csv": ("", "OFEN_{}.csv", oven()),
    "mapped_json": ("", "board-{}.json", aoi()),
}
FILES = drawn(FULL, "ASBUILT_FUZZ_FILES")
STORED = drawn(40, "ASBUILT_FUZZ_STORED")
REFUSED = drawn(8, "ASBUILT_FUZZ_STORED")
RECEIVED_AT = 1_804_000_000_000_000


def read(tenant: int, kind: str, name: str, content: bytes, readers: dict) -> MachineRows | None:
    """The rows of a file as the record would read it; None where it is refused, by name and with a remedy."""
    errors = ErrorList()
    key = name if kind else name.partition("_")[0]
    if key not in readers:
        readers[key] = reader_for(tenant, name, content, sha256(content).hexdigest(), kind=kind, zone=UTC)
    kind_of(content, "x")  # never raises
    try:
        becomes, found = readers[key].read(content, name, RECEIVED_AT, errors)
    except Invalid as refusal:
        assert refusal.remedy and (not kind or refusal.code == "results.unreadable")
        return None
    assert all(row.code and (kind or row.remedy) for row in errors.rows)
    assert not kind or found.rows or errors.total or kind == "openhtf"  # nothing is passed over in silence
    for row in found.rows:  # measurements or readings, and no NaN and no infinity gets so far
        said = json.loads((row[8] if len(row) == 10 else row[10]) or "{}", parse_constant=pytest.fail)
        assert not kind or (row[0] + row[4] and isinstance(said, dict))
    return found if found.rows and not errors.total else None


def changed(found: MachineRows, whole: MachineRows) -> tuple:
    """What tells a damaged file from the right one: how many rows it has, and which columns of the first differ."""
    return len(found.rows), tuple(n for n, (mine, good) in enumerate(zip(found.rows[0], whole.rows[0], strict=False)) if mine != good)  # fmt: skip


def counted(sql) -> int:
    return sum(sql(f"SELECT count(*) FROM {name}")[0][0] for name in ("quality_test_run", "production_process_run"))


def test_damaged_files_are_taken_whole_or_kept_refused(line, actor, sql, verified, capsys):
    begun, started = seed(), time.monotonic()
    for mapping in (OVEN_MAPPING, AOI_MAPPING):
        say_mapping(actor, mapping)
    for importer, (kind, file, whole) in IMPORTERS.items():
        chance, readers = random.Random(f"{begun} {importer}"), {}
        name = file.format(0) if "{}" in file else file
        good = read(actor.tenant, kind, name, whole, readers)
        survived, refused = {}, []
        for n in range(FILES):
            content = mutated(chance, whole)
            found = read(actor.tenant, kind, name, content, readers) if content else None
            if found is not None:
                survived.setdefault(changed(found, good), []).append((n, content))
            elif content:
                refused.append((n, content))
        read_in, kinds = sum(map(len, survived.values())), len(survived)
        assert read_in > FILES // 50 and refused, importer
        rounds = sorted((place, of) for of, ones in survived.items() for place in range(len(ones)))
        chosen = [survived[of][place] for place, of in rounds[:STORED]] + refused[:REFUSED]
        given = [(file.format(n) if "{}" in file else f"{n}-{file}", content) for n, content in chosen]
        before = counted(sql)
        seen = record_files(actor, given, kind=kind)
        assert len(seen) == len(given) and {one.use for one in seen} <= {"taken", "refused"}
        stored = {one.file: one.stored for one in seen if one.use == "taken" and not one.already}
        assert counted(sql) - before == sum(stored.values()), importer
        for one in seen:
            assert one.rows == 0 or one.use == "taken"
            assert one.use == "taken" or one.detail
        assert {one.file for one in seen} <= {file for (file,) in sql("SELECT file FROM messages_file")}
        with capsys.disabled():
            print(f"\n{importer}: {FILES} damaged with seed {begun}: {read_in} read ({kinds} ways), {len(refused)} refused; "
                  f"{len(given)} recorded, {len(stored)} taken, {time.monotonic() - started:.1f} s so far")  # fmt: skip
    assert verified() == []
