"""Whoever changes one byte of the record is found out, and the place is named.

The attacker here has the database and the blobs, and takes the engine's own fence down first. What he has not is the
key, and the heads that were handed out; the last tests give him the key too.
"""

import io
import json
import os
from hashlib import sha256

import pytest

TABLES = (
    "ledger_entry", "ledger_pending", "ledger_leaf", "ledger_tile", "ledger_head", "ledger_checkpoint",
    "ledger_entry_facts", "ledger_segment", "ledger_fact_index", "ledger_withdrawal", "ledger_hidden",
    "ledger_evidence", "ledger_entry_evidence",
)  # fmt: skip
FENCED = ("ledger_entry", "ledger_leaf", "ledger_segment", "ledger_entry_facts")
# a head that was handed out is a help to find forks; the record does not rest on it, so its absence is no fault
MAY_GO = {"ledger_checkpoint"}


def text_of(values) -> bytes:
    return json.dumps(list(values), ensure_ascii=False, separators=(",", ":")).encode()


def id_of(*cells) -> bytes:
    return sha256(text_of(cells)).digest()[:8]


def shape(name, code, columns, few=True):
    from asbuilt.ledger.shapes import REGISTRY, Shape

    return REGISTRY.get(name) or Shape(name, code, columns, few=few)


@pytest.fixture
def filled(actor, home):
    """Three hundred entries: one with facts, evidence and a hidden value, a withdrawal, one that waits."""
    from asbuilt.ledger import checkpoints, evidence, facts
    from asbuilt.ledger.recording import recording
    from asbuilt.ledger.withdrawals import Withdrawn, withdraw_facts

    many = shape("test.attacked_unit/1", 981, ("unit", "serial"), few=False)
    few = shape("test.attacked_run/1", 982, ("first_unit", "until_unit", "package"))
    kept = evidence.keep(actor.tenant, io.BytesIO(b"order,serial\n" * 500), "units.csv", "import")
    with recording(actor, "test.recorded", request_key="first", content=b"content") as entry:
        kept.record(entry)
        rows = [(unit, f"SN{unit:06}") for unit in range(1, 601)]
        entry.facts(many).add([text_of(row) for row in rows], [id_of("units", row[1]) for row in rows], 1, 601)
        entry.facts(few).add([text_of((1, 601, "REEL"))], [id_of("runs", "1", "601", "REEL")], 1, 601)
        entry.hide("operator", "Jo")
    (run,) = facts.all_facts(actor.tenant, "test.attacked_run/1")
    with recording(actor, "test.withdrawn") as entry:
        own = Withdrawn(
            run, id_of("runs", "1", "601", "REEL").hex(), 5, 9, "typo", "4", 1_000, id_of("corrections", "x")
        )
        withdraw_facts(entry, [own])
    for n in range(298):
        with recording(actor, "test.recorded") as entry:
            entry.notes = {"n": n}
    checkpoints.checkpoint(actor)
    with recording(actor, "test.recorded") as entry:
        entry.notes = {"waits": True}
    fence_down()
    assert check(actor).findings == []
    return home


def connection():
    from django.db import connections

    connections["default"].ensure_connection()
    return connections["default"]


def execute(sql, params=()):
    from asbuilt.storage import bulk

    return bulk.run(sql, params)


def fence_down():
    from asbuilt.storage import reading

    for table in FENCED:
        if reading.vendor() == "sqlite":
            execute(f"DROP TRIGGER {table}_no_UPDATE")
            execute(f"DROP TRIGGER {table}_no_DELETE")
        else:
            execute(f"ALTER TABLE {table} DISABLE TRIGGER ALL")


def check(actor, anchors=()):
    from asbuilt.ledger.verifying import verify

    return verify(actor.tenant, anchors)


def columns_of(table):
    from django.apps import apps

    (model,) = [model for model in apps.get_models() if model._meta.db_table == table]
    key = [field.column for field in model._meta.pk.fields]
    fields = [field for field in model._meta.local_concrete_fields if field.column and field.column != "pk"]
    return key, [(field.column, field.get_internal_type()) for field in fields]


def changed(value, kind):
    """The value with a small change: a number, a letter, a bit."""
    if kind == "BinaryField":
        raw = bytes(value or b"12345678")
        return raw[:-1] + bytes([raw[-1] ^ 1]) if value is not None else raw
    if isinstance(value, str):
        return value[:-1] + ("x" if value[-1] != "x" else "y") if value else "x"
    if value is None:
        return "x" if kind in ("CharField", "TextField") else 7
    return value + 1000


def rows_of(table):
    from asbuilt.storage import reading

    key, columns = columns_of(table)
    names = ", ".join(name for name, _ in columns)
    return reading.fetch(f"SELECT {names} FROM {table} ORDER BY {', '.join(key)}")


def condition(key, columns, row):
    at = {name: value for (name, _), value in zip(columns, row, strict=True)}
    return " AND ".join(f"{name} = %s" for name in key), [at[name] for name in key]


@pytest.mark.parametrize("table", TABLES)
def test_one_changed_value_in_any_column_is_named(actor, filled, table):
    key, columns = columns_of(table)
    rows = rows_of(table)
    assert rows, table
    for row in {rows[0], rows[len(rows) // 2], rows[-1]}:
        for place, (column, kind) in enumerate(columns):
            if table in MAY_GO and column == "tenant":
                continue
            where, params = condition(key, columns, row)
            new = changed(row[place], kind)
            if column in key:
                taken = {tuple(other[n] for n, (name, _) in enumerate(columns) if name in key) for other in rows}
                while (
                    tuple(new if n == place else row[n] for n, (name, _) in enumerate(columns) if name in key) in taken
                ):
                    new = changed(new, kind)
            execute(f"UPDATE {table} SET {column} = %s WHERE {where}", [new, *params])
            report = check(actor)
            assert report.findings, f"{table}.{column}: {row[place]!r} to {new!r} was not found"
            named = {finding.where.get("table") for finding in report.findings}
            assert table in named, f"{table}.{column}: {[finding.what for finding in report.findings][:5]}"
            back = [value for (name, _), value in zip(columns, row, strict=True) if name in key]
            moved = dict(zip([name for name, _ in columns if name in key], back, strict=True))
            moved.update({column: new} if column in key else {})
            where = " AND ".join(f"{name} = %s" for name in moved)
            assert execute(f"UPDATE {table} SET {column} = %s WHERE {where}", [row[place], *moved.values()]) == 1
    assert check(actor).findings == []


@pytest.mark.parametrize("table", sorted(set(TABLES) - MAY_GO))
def test_a_deleted_row_is_named(actor, filled, table):
    key, columns = columns_of(table)
    rows = rows_of(table)
    names = [name for name, _ in columns]
    marks = ", ".join(["%s"] * len(names))
    for row in {rows[0], rows[-1]}:
        where, params = condition(key, columns, row)
        execute(f"DELETE FROM {table} WHERE {where}", params)
        assert table in {finding.where.get("table") for finding in check(actor).findings} or table == "ledger_entry"
        assert check(actor).findings
        execute(f"INSERT INTO {table} ({', '.join(names)}) VALUES ({marks})", row)
    assert check(actor).findings == []


def codes(report):
    return {finding.code for finding in report.findings}


def test_a_changed_entry_is_told_from_a_changed_tile(actor, filled):
    execute("UPDATE ledger_entry SET body = replace(body, '\"n\":9}', '\"n\":8}') WHERE number = 12")
    report = check(actor)
    assert [(f.code, f.where["entry"]) for f in report.findings] == [("ledger.entry_changed", 12)]
    assert "tiles still give the signed root" in report.findings[0].what


def test_a_changed_tile_is_named_with_its_entry(actor, filled):
    from asbuilt.storage import reading

    tile = bytearray(reading.fetch_one("SELECT hashes FROM ledger_tile WHERE level = 0 AND n = 0")[0])
    tile[32 * 40] ^= 1
    execute("UPDATE ledger_tile SET hashes = %s WHERE level = 0 AND n = 0", (bytes(tile),))
    (finding,) = check(actor).findings
    assert (finding.code, finding.where["index"]) == ("ledger.tile_changed", 40)


def test_two_entries_swapped(actor, filled):
    from asbuilt.storage import reading

    names = "ulid, type, recorded_at, request_key, content, body"
    one, two = reading.fetch(f"SELECT {names} FROM ledger_entry WHERE number IN (20, 21) ORDER BY number")
    sets = ", ".join(f"{name} = %s" for name in names.split(", "))
    sql = f"UPDATE ledger_entry SET {sets} WHERE number = %s"
    execute(sql, ("x", *one[1:], 20))
    execute(sql, (*one, 21))
    execute(sql, (*two, 20))
    assert {f.where["entry"] for f in check(actor).findings if f.code == "ledger.entry_changed"} == {20, 21}


def segment_rewritten(change):
    """A clever attacker: the row changed inside its segment, compressed again."""
    import zlib

    from asbuilt.storage import reading

    (body,) = reading.fetch_one("SELECT body FROM ledger_segment WHERE shape = 'test.attacked_unit/1'")
    texts = zlib.decompress(body).split(b"\n")
    change(texts)
    sql = "UPDATE ledger_segment SET body = %s WHERE shape = 'test.attacked_unit/1'"
    execute(sql, (zlib.compress(b"\n".join(texts), 1),))


def test_a_changed_row_is_named_with_its_block_and_units(actor, filled):
    def change(texts):
        texts[300] = b'[301,"SN999999"]'

    segment_rewritten(change)
    (finding,) = check(actor).findings
    assert finding.code == "ledger.rows_changed"
    assert finding.where["rows"] == [256, 512]
    assert (finding.where["first_unit"], finding.where["until_unit"]) == (257, 513)


def test_a_changed_row_in_the_last_block(actor, filled):
    def change(texts):
        texts[599] = b'[600,"SN999999"]'

    segment_rewritten(change)
    (finding,) = check(actor).findings
    assert (finding.code, finding.where["rows"]) == ("ledger.rows_changed", [512, 600])


@pytest.mark.parametrize("change", [lambda texts: texts.pop(), lambda texts: texts.append(b'[601,"SN000601"]')])
def test_rows_lost_or_added(actor, filled, change):
    segment_rewritten(change)
    assert "ledger.row_count" in codes(check(actor))


def test_rows_under_an_entry_that_wrote_none(actor, filled):
    execute("UPDATE ledger_segment SET entry = 30 WHERE shape = 'test.attacked_run/1'")
    report = check(actor)
    assert {f.where.get("entry") for f in report.findings} >= {1, 30}
    execute("UPDATE ledger_segment SET entry = 9999 WHERE shape = 'test.attacked_run/1'")
    assert "ledger.rows_without_entry" in codes(check(actor))


@pytest.mark.parametrize("place", [0, 10, -1])
def test_one_byte_of_a_blob(actor, filled, place):
    (file,) = (filled.folder / "blobs").glob("??/*")
    raw = bytearray(file.read_bytes())
    raw[place] ^= 1
    file.write_bytes(raw)
    (finding,) = check(actor).findings
    assert (finding.code, finding.where["file"], finding.where["entry"]) == ("ledger.evidence_changed", "units.csv", 1)
    file.unlink()
    assert codes(check(actor)) == {"ledger.evidence_missing"}


def test_an_entry_waiting_too_long(actor, filled):
    from asbuilt.ledger import clock

    assert [f.code for f in check(actor).information] == ["ledger.pending_old"]
    later = clock.now() + 61_000_000
    clock.set_clock(lambda: later)
    assert codes(check(actor)) == {"ledger.pending_old"}


def test_the_engine_refuses_without_being_asked(actor, home):
    """The first fence, up as it is shipped."""
    from django.db import DatabaseError

    from asbuilt.ledger.recording import recording
    from asbuilt.storage.transactions import write_tx

    with recording(actor, "test.recorded") as entry:
        run = shape("test.attacked_run/1", 982, ("first_unit", "until_unit", "package"))
        entry.facts(run).add([text_of((1, 2, "R"))], [b"x" * 8], 1, 2)
    from asbuilt.ledger import sequencing

    sequencing.sequence(actor.tenant)
    for table in FENCED:
        for sql in (f"UPDATE {table} SET tenant = 9", f"DELETE FROM {table}"):
            with pytest.raises(DatabaseError), write_tx(actor.tenant), connection().cursor() as cursor:
                cursor.execute(sql)


def record_rows(actor):
    """Everything the tables of the log hold, as it reads."""
    from asbuilt.storage import reading

    found = {}
    for table in TABLES:
        key, columns = columns_of(table)
        names = ", ".join(name for name, _ in columns)
        found[table] = sorted(map(repr, reading.fetch(f"SELECT {names} FROM {table}")))
    return found


def test_one_byte_flipped_in_the_file_of_the_database(actor, filled):
    """Anywhere in the SQLite file: either it is found, or the record still reads the same (free space of a page)."""
    import random
    import sqlite3

    from django.db import DatabaseError, connections

    from asbuilt.ledger import sequencing
    from asbuilt.storage import reading

    if reading.vendor() != "sqlite":
        return  # PostgreSQL keeps its files under checksums of its own
    sequencing.sequence(actor.tenant)
    execute("PRAGMA wal_checkpoint(TRUNCATE)")
    before = record_rows(actor)
    assert check(actor).findings == []
    connections.close_all()
    file = filled.folder / "asbuilt.sqlite3"
    whole, chance, found = file.read_bytes(), random.Random(20270315), 0
    written = [place for place, byte in enumerate(whole) if byte]  # a table without rows is a page of zeros
    for turn in range(60):
        place = chance.choice(written) if turn % 3 else chance.randrange(len(whole))
        file.write_bytes(whole[:place] + bytes([whole[place] ^ (1 << chance.randrange(8))]) + whole[place + 1 :])
        if check(actor).findings:
            found += 1
        else:
            try:
                assert record_rows(actor) == before, place
            except (DatabaseError, sqlite3.DatabaseError):
                pytest.fail(f"byte {place}: the record cannot be read and nothing was found")
        connections.close_all()
        for beside in filled.folder.glob("asbuilt.sqlite3-*"):
            beside.unlink()
    assert found > 5


class Forger:
    """An attacker with database and keys: rewrites the log from an entry on, and signs everything anew."""

    def __init__(self, actor, home):
        self.tenant, self.folder = actor.tenant, home.keys / "main"

    def seal(self, size):
        """Tiles, leaves and head for the first `size` entries as they are now."""
        from asbuilt.kernel import keys, merkle, notes, tiles
        from asbuilt.storage import reading

        rows = reading.fetch("SELECT body, recorded_at FROM ledger_entry WHERE number <= %s ORDER BY number", (size,))
        changed_tiles, root = tiles.append(
            0, [merkle.leaf_hash(body.encode()) for body, _ in rows], lambda level, n: b""
        )
        for table in ("ledger_tile", "ledger_leaf", "ledger_checkpoint", "ledger_pending"):
            execute(f"DELETE FROM {table}")
        for (level, n), hashes in changed_tiles.items():
            execute("INSERT INTO ledger_tile VALUES (%s, %s, %s, %s)", (self.tenant, level, n, hashes))
        for position in range(size):
            execute("INSERT INTO ledger_leaf VALUES (%s, %s, %s)", (self.tenant, position, position + 1))
        origin = (self.folder / "newest_head").read_text().split("\n")[0]
        note = notes.sign_checkpoint(origin, size, root, keys.private_from_pem((self.folder / "log.key").read_text()))
        sql = "UPDATE ledger_head SET size = %s, root = %s, note = %s, signed_at = %s"
        execute(sql, (size, root, note, rows[-1][1]))
        (self.folder / "newest_head").write_text(note)


def cut_to(size):
    for table in (
        "ledger_entry_facts",
        "ledger_segment",
        "ledger_hidden",
        "ledger_entry_evidence",
        "ledger_withdrawal",
    ):
        execute(f"DELETE FROM {table} WHERE entry > %s", (size,))
    execute("DELETE FROM ledger_entry WHERE number > %s", (size,))


def anchors_of(actor, filled):
    from asbuilt.ledger import checkpoints

    return [checkpoints.checkpoint(actor)]


def test_a_tail_cut_and_signed_again_shows_only_against_a_head_kept_elsewhere(actor, filled):
    anchors = anchors_of(actor, filled)
    cut_to(100)
    Forger(actor, filled).seal(100)
    report = check(actor)
    assert report.findings == []
    assert any("kept elsewhere" in said for said in report.not_checked)
    (finding,) = check(actor, anchors).findings
    assert (finding.code, finding.where["first_lost"], finding.where["size"]) == ("ledger.log_shorter", 101, 301)


def test_a_cut_tail_shows_against_the_newest_head_beside_the_keys(actor, filled):
    newest = (filled.keys / "main" / "newest_head").read_text()
    cut_to(100)
    Forger(actor, filled).seal(100)
    (filled.keys / "main" / "newest_head").write_text(newest)
    assert codes(check(actor)) == {"ledger.log_shorter"}


def test_history_rewritten_and_signed_again_shows_only_against_anchors(actor, filled):
    from asbuilt.ledger import checkpoints

    note = checkpoints.checkpoint(actor)
    execute("UPDATE ledger_entry SET body = replace(body, '\"n\":150}', '\"n\":151}') WHERE number = 153")
    Forger(actor, filled).seal(301)
    assert check(actor).findings == []
    (finding,) = check(actor, [note]).findings
    assert finding.code == "ledger.history_rewritten"


def test_an_anchor_of_somebody_else_is_named(actor, filled):
    from asbuilt.kernel import notes

    origin = (filled.keys / "main" / "newest_head").read_text().split("\n")[0]
    foreign = notes.sign_checkpoint(origin, 10, bytes(32), os.urandom(32))
    assert codes(check(actor, [foreign, b"\xff\x00rubbish"])) == {"ledger.anchor_not_ours"}


def test_a_projection_that_differs_is_named(actor, filled):
    """A room registers how its tables are rebuilt; each row that differs is named with its columns."""
    from asbuilt.ledger import verifying

    def check_units(tenant):
        expected = [(1, "a", b"x"), (2, "b", b"y"), (4, "d", b"z")]
        found = [(1, "a", b"x"), (2, "B", b"y"), (3, "c", b"")]
        return verifying.compare_rows("test_table", ("unit", "name", "packed"), 1, expected, found)

    def broken(tenant):
        raise KeyError(tenant)

    verifying.PROJECTIONS |= {"test": check_units, "broken": broken}
    try:
        found = check(actor).findings
    finally:
        del verifying.PROJECTIONS["test"], verifying.PROJECTIONS["broken"]
    assert [(f.code, f.where.get("key"), f.where.get("columns")) for f in found] == [
        ("ledger.projection_row_changed", {"unit": 2}, ["name"]),
        ("ledger.projection_row_unrecorded", {"unit": 3}, []),
        ("ledger.projection_row_missing", {"unit": 4}, []),
        ("ledger.check_stopped", None, None),
    ]
