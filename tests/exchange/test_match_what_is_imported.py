"""SBOMs and identities that came in by `asbuilt import` are matched at its end, as those that are added one by one are."""

import csv
import hashlib

import pytest
from components.conftest import cyclonedx, widget  # noqa: F401
from vulnerability.conftest import cpe_match, feed, nvd, stands  # noqa: F401

ARM = "cpe:2.3:a:arm:mbed_tls:*:*:*:*:*:*:*:*"
SBOM = cyclonedx(
    {"bom-ref": "m", "name": "mbedTLS", "version": "2.28.7"}, {"bom-ref": "l", "name": "lwIP", "version": "2.1.3"}
)
AT = "2027-03-02T08:00:00Z"


def written(folder, name: str, *rows: dict):
    with open(folder / f"{name}.csv", "w", newline="", encoding="utf-8") as out:
        table = csv.DictWriter(out, rows[0])
        table.writeheader()
        table.writerows(rows)
    return folder / f"{name}.csv"


def sboms(folder, content: bytes = SBOM, version: str = "2.3.1"):
    (folder / "s.json").write_bytes(content)
    row = {
        "product": "WIDGET", "role": "", "version": version, "revision": "", "part": "", "lot": "", "file": "s.json",
        "sha256": hashlib.sha256(content).hexdigest(), "operator": "", "happened_at": AT,
    }  # fmt: skip
    return written(folder, "sboms", row)


def identities(folder, *values: tuple[str, str]):
    return written(folder, "component_identities", *(
        {"name": name, "maker": "", "kind": "cpe", "value": value, "decision": "confirmed", "basis": "", "operator": "", "happened_at": AT}
        for name, value in values
    ))  # fmt: skip


def entries_of_findings(actor) -> int:
    from asbuilt.storage import reading

    sql = "SELECT count(*) FROM ledger_entry WHERE tenant = %s AND type = 'vulnerability.findings_changed'"
    return reading.fetch_one(sql, (actor.tenant,))[0]


def test_a_folder_is_matched_at_its_end_in_one_go(widget, feed, stands, actor, tmp_path):  # noqa: F811
    from asbuilt.built.exchange.actions import import_folder

    feed("nvd", nvd("CVE-2026-0071", cpe_match(ARM, versionEndExcluding="2.28.8")))
    folder = tmp_path / "in"
    folder.mkdir()
    sboms(folder)
    identities(folder, ("mbedtls", ARM))
    import_folder(actor, folder)
    assert stands() == {("mbedTLS", "CVE-2026-0071"): "affected"}
    assert entries_of_findings(actor) == 1  # not one a file


def test_single_files_are_matched_too(widget, feed, stands, actor, tmp_path):  # noqa: F811
    from asbuilt.built.exchange.actions import import_file

    feed("nvd", nvd("CVE-2026-0072", cpe_match(ARM, versionEndExcluding="2.28.8")))
    import_file(actor, sboms(tmp_path), "sboms")
    assert stands() == {}
    import_file(actor, identities(tmp_path, ("mbedtls", ARM)), "component_identities")
    assert stands() == {("mbedTLS", "CVE-2026-0072"): "affected"}


def test_what_stays_of_a_folder_that_was_refused_is_matched(widget, feed, stands, actor, tmp_path):  # noqa: F811
    from asbuilt.built.exchange.actions import import_folder
    from asbuilt.kernel.errors import Invalid

    named = cyclonedx({"bom-ref": "m", "name": "mbedTLS", "version": "2.28.7", "cpe": ARM.replace(":*", ":2.28.7", 1)})
    feed("nvd", nvd("CVE-2026-0073", cpe_match(ARM, versionEndExcluding="2.28.8")))
    folder = tmp_path / "in"
    folder.mkdir()
    sboms(folder, named)
    identities(folder, ("Mbed TLS", ARM))  # not written as it is looked up
    with pytest.raises(Invalid):
        import_folder(actor, folder)
    assert stands() == {("mbedTLS", "CVE-2026-0073"): "affected"}


def test_a_run_of_the_page_is_matched_at_its_end(widget, feed, stands, actor, tmp_path):  # noqa: F811
    from asbuilt.built.exchange.runs import begin_run, work_run

    feed("nvd", nvd("CVE-2026-0074", cpe_match(ARM, versionEndExcluding="2.28.8")))
    files = [sboms(tmp_path), identities(tmp_path, ("mbedtls", ARM)), tmp_path / "s.json"]
    work_run(actor.tenant, begin_run(actor, folder="", files=[(file.name, [file.read_bytes()]) for file in files]))
    assert stands() == {("mbedTLS", "CVE-2026-0074"): "affected"}
