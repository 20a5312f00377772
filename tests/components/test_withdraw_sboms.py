"""An SBOM of sboms.csv or a verb is withdrawn; the log checks rows and bytes; changed rows show."""

from hashlib import sha256

import pytest
from components.conftest import LWIP, MBEDTLS, cyclonedx

from asbuilt.kernel.errors import Invalid


def findings(actor) -> list:
    from asbuilt.built.exchange.rebuilding import rebuild_plans

    return [finding.code for finding in rebuild_plans(actor.tenant)]


@pytest.fixture
def withdraw(actor):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.facts import all_facts, fact_id

    def newest():
        last = list(all_facts(actor.tenant, "components.sbom/2"))[-1]
        one = fact_id(actor.tenant, last.entry, "components.sbom/2", last.row)
        return withdraw_facts(actor, [Withdraw(one, "wrong file", "045", 1_800_000_000_000_000, None, None)])

    return newest


def test_after_a_withdrawal_the_one_before_is_in_force(add, actor, withdraw):
    from asbuilt.designed.components import queries

    first = add(cyclonedx(MBEDTLS))
    add(cyclonedx(LWIP))
    withdraw()
    assert [one.ulid for one in queries.current_sboms(actor.tenant)] == [first.ulid]
    assert (
        queries.places_of(actor.tenant, [one.number for one in queries.components_matching(actor.tenant, "lwip")]) == []
    )
    assert findings(actor) == []


def test_rows_are_what_the_bytes_list(add, actor):
    add(cyclonedx(MBEDTLS, LWIP, dependencies=[{"ref": "lwip", "dependsOn": ["mbedtls"]}]))
    assert findings(actor) == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE components_sbom_component SET package_version = 2 WHERE place = 1",
        "UPDATE components_sbom_component SET licences = '[\"MIT\"]' WHERE place = 1",
        "DELETE FROM components_sbom_component WHERE place = 2",
        "DELETE FROM components_sbom_dependency",
        "UPDATE components_sbom SET version = '2.4.0'",
    ],
)
def test_a_changed_row_shows(add, actor, change):
    from asbuilt.storage import bulk
    from asbuilt.storage.transactions import write_tx

    add(cyclonedx(MBEDTLS, LWIP, dependencies=[{"ref": "lwip", "dependsOn": ["mbedtls"]}]))
    with write_tx(actor.tenant):
        touched = bulk.run(change)
    assert touched and findings(actor)


def rows(name: str, content: bytes, digest: str = "") -> dict:
    return {"sboms": [{
        "product": "WIDGET", "role": "", "version": "2.3.1", "revision": "", "part": "", "lot": "", "file": name,
        "sha256": digest or sha256(content).hexdigest(), "operator": "045", "happened_at": "2027-03-05T08:00:00Z",
    }]}  # fmt: skip


def test_a_table_brings_sboms_with_their_files(widget, load, actor, tmp_path):
    from asbuilt.designed.components import queries

    content = cyclonedx(MBEDTLS)
    (tmp_path / "tables" / "sboms").mkdir()
    (tmp_path / "tables" / "sboms" / "a.json").write_bytes(content)
    load(rows("sboms/a.json", content))
    (one,) = queries.current_sboms(actor.tenant)
    assert one.components == 1 and one.sha256 == sha256(content).hexdigest()
    report = load(rows("sboms/a.json", content))
    assert len(queries.current_sboms(actor.tenant)) == 1, report


@pytest.mark.parametrize(
    "content, digest, code",
    [
        (None, "ab" * 32, "components.file_missing"),
        (b"{}", "ab" * 32, "components.file_differs"),
        (b"hello", "", "sbom.format_unknown"),
        (cyclonedx({"version": "1"}), "", "sbom.not_by_the_schema"),
    ],
)
def test_a_table_with_a_wrong_file_is_refused_whole(widget, load, tmp_path, content, digest, code):
    (tmp_path / "tables" / "sboms").mkdir()
    if content is not None:
        (tmp_path / "tables" / "sboms" / "a.json").write_bytes(content)
    with pytest.raises(Invalid) as refused:
        load(rows("sboms/a.json", content or b"", digest))
    assert refused.value.rows[0].code == code and refused.value.rows[0].line == 2


@pytest.mark.parametrize(
    "of, shape, table",
    [
        ({"product": "WIDGET", "version": "2.3.1"}, "firmware.release/1", "firmware release"),
        ({"product": "WIDGET", "revision": "B"}, "catalog.bom_line/1", "hardware revision"),
        ({"part": "MOD"}, "catalog.part/1", "part"),
    ],
)
def test_what_an_sbom_is_of_is_not_withdrawn_under_it(add, actor, of, shape, table):
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.kernel.errors import Refused
    from asbuilt.ledger.facts import all_facts, fact_id

    add(cyclonedx(MBEDTLS), **of)
    wanted = {"WIDGET", of.get("version") or of.get("revision")} if "product" in of else {"MOD"}
    (fact,) = [one for one in all_facts(actor.tenant, shape) if wanted <= set(one.values)]
    one = Withdraw(fact_id(actor.tenant, fact.entry, shape, fact.row), "r", "045", 1_800_000_000_000_000, None, None)
    with pytest.raises(Refused) as refused:
        withdraw_facts(actor, [one])
    assert refused.value.facts["rests"] == "SBOMs" and table in refused.value.facts["what"]
