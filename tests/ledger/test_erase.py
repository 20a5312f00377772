"""Erasure: the value is gone from every file of the home, the log holds, and only the rules allow it."""

import io
import json

import pytest

from asbuilt.kernel.errors import Invalid, NotAllowed, NotFound, Refused, Sealed

NAME = "Roswitha Zylinderkopf"
YEAR_US = 366 * 86_400 * 1_000_000


def bodies(tenant):
    from asbuilt.storage import reading

    return [json.loads(body) for (body,) in reading.fetch("SELECT body FROM ledger_entry WHERE tenant = %s", (tenant,))]


def test_a_hidden_value_goes_and_the_log_holds(actor, record, home):
    from asbuilt.ledger import erasure
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    record(hide={"operator": NAME, "note": "by hand"})
    assert NAME not in json.dumps(bodies(actor.tenant))
    number = erasure.erase_hidden(actor, entry=1, path="operator", rule="gdpr.17-1")
    said = bodies(actor.tenant)[number - 1]
    assert said["type"] == "ledger.erased"
    assert said["facts"]["rule"] == "gdpr.17-1" and said["facts"]["path"] == "operator"
    report = verify(actor.tenant)
    assert report.findings == []
    assert [(f.code, f.where["path"]) for f in report.information if "hidden" in f.code] == [
        ("ledger.hidden_erased", "operator")
    ]
    assert f"entry {number}" in next(f.what for f in report.information if "hidden" in f.code)
    if reading.vendor() == "sqlite":
        for file in home.folder.rglob("*"):
            assert not file.is_file() or NAME.encode() not in file.read_bytes(), file
    assert erasure.erase_hidden(actor, entry=1, path="operator", rule="gdpr.17-1") == number


def test_a_value_that_is_gone_without_an_entry_is_a_fault(actor, record):
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import bulk

    record(hide={"operator": NAME})
    bulk.run("UPDATE ledger_hidden SET salt = NULL, value = NULL WHERE tenant = %s", (actor.tenant,))
    assert [finding.code for finding in verify(actor.tenant).findings] == ["ledger.hidden_missing"]


def test_what_erasure_refuses(actor, record):
    from asbuilt.access.actor import Actor
    from asbuilt.access.rights import PERSON_ERASE
    from asbuilt.ledger import erasure

    record(hide={"operator": NAME})
    assert erasure.PERSON_ERASE == PERSON_ERASE
    with pytest.raises(NotAllowed):
        erasure.erase_hidden(Actor(actor.tenant, "person:1"), entry=1, path="operator", rule="gdpr.17-1")
    with pytest.raises(Invalid):
        erasure.erase_hidden(actor, entry=1, path="operator", rule="because")
    with pytest.raises(NotFound):
        erasure.erase_hidden(actor, entry=1, path="other", rule="gdpr.17-1")
    assert len(bodies(actor.tenant)) == 1


def test_evidence_goes_with_its_key(actor, record, home):
    from asbuilt.ledger import erasure, evidence
    from asbuilt.ledger.verifying import verify
    from asbuilt.storage import reading

    kept = evidence.keep(actor.tenant, io.BytesIO(NAME.encode() * 50), "a.csv", "import")
    record(rest_on=kept)
    number = erasure.erase_evidence(actor, sha256=kept.sha256, rule="gdpr.17-1")
    with pytest.raises(Sealed):
        evidence.open_evidence(actor.tenant, kept.sha256)
    sql = "SELECT key, erased_by, size FROM ledger_evidence WHERE sha256 = %s"
    assert reading.fetch_one(sql, (kept.sha256,)) == (None, number, kept.size)
    assert list((home.folder / "blobs").glob("??/*")) == []
    report = verify(actor.tenant)
    assert report.findings == []
    assert [finding.code for finding in report.information if "evidence" in finding.code] == ["ledger.evidence_erased"]
    assert erasure.erase_evidence(actor, sha256=kept.sha256, rule="gdpr.17-1") == number


def test_refused_while_the_law_wants_it(actor, record):
    from asbuilt.ledger import clock, erasure, evidence

    kept = evidence.keep(actor.tenant, io.BytesIO(b"declaration"), "doc.pdf", "document")
    record(rest_on=kept)
    with pytest.raises(Refused) as refusal:
        erasure.erase_evidence(actor, sha256=kept.sha256, rule="own.retention-over")
    assert refusal.value.code == "ledger.retention_runs"
    assert refusal.value.facts["rule"] == "cra.13-13"
    now = clock.now()
    clock.set_clock(lambda: now + 9 * YEAR_US)
    with pytest.raises(Refused):
        erasure.erase_evidence(actor, sha256=kept.sha256, rule="own.retention-over")
    clock.set_clock(lambda: now + 11 * YEAR_US)
    assert erasure.erase_evidence(actor, sha256=kept.sha256, rule="own.retention-over") == 2


def test_bytes_that_another_tenant_keeps_stay(actor, record, home):
    from asbuilt.access.actor import local_system
    from asbuilt.access.opening import open_tenant
    from asbuilt.ledger import clock, erasure, evidence
    from asbuilt.ledger.recording import recording

    other = local_system(open_tenant("other", "Other").number)
    first = evidence.keep(actor.tenant, io.BytesIO(b"datasheet"), "doc.pdf", "document")
    record(rest_on=first)
    second = evidence.keep(other.tenant, io.BytesIO(b"datasheet"), "doc.pdf", "document")
    with recording(other, "test.recorded") as entry:
        second.record(entry)
    now = clock.now()
    clock.set_clock(lambda: now + 11 * YEAR_US)
    erasure.erase_evidence(actor, sha256=first.sha256, rule="own.retention-over")
    assert b"".join(evidence.open_evidence(other.tenant, second.sha256)) == b"datasheet"


def test_kept_again_after_an_erasure(actor, record):
    from asbuilt.ledger import erasure, evidence
    from asbuilt.ledger.verifying import verify

    for _ in range(2):
        kept = evidence.keep(actor.tenant, io.BytesIO(b"a,b\n"), "a.csv", "import")
        record(rest_on=kept)
        assert b"".join(evidence.open_evidence(actor.tenant, kept.sha256)) == b"a,b\n"
        assert verify(actor.tenant).findings == []
        erasure.erase_evidence(actor, sha256=kept.sha256, rule="gdpr.17-1")
        assert verify(actor.tenant).findings == []
