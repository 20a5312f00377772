"""What SBOMs say of patches and what was built with what: proposed with its evidence, open until a person confirms, lapsed with a new build."""

import json

import pytest
from vulnerable_factory import MBEDTLS, component, osv

from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

ZEPHYR_FLAW = "CVE-2024-6442"  # in subsys/bluetooth/audio/ascs.c, which Zephyr compiles under CONFIG_BT_ASCS
BASE = b'CONFIG_BOARD="nrf52840dk"\nCONFIG_ISR_STACK_SIZE=2048\nCONFIG_SYS_CLOCK_TICKS_PER_SEC=32768\n'
WITHOUT = BASE + b"# CONFIG_BT is not set\n"
WITH = BASE + b"CONFIG_BT=y\nCONFIG_BT_ASCS=y\n"


@pytest.fixture
def zephyr(security):
    """Release 1.0.0 of the board has Zephyr 3.6.0 and mbedtls 2.28.7; a feed speaks of both."""
    security.sbom(component("zephyr", "3.6.0"), component("mbedtls", "2.28.7"), version="1.0.0", serial=7)
    security.feed(osv(ZEPHYR_FLAW, "zephyr", "3.7.0"), name="zephyr")
    return security


@pytest.fixture
def built(actor):
    """built(content, …) -> the build configuration of board 1.0.0."""
    from asbuilt.designed.vulnerability.deciding.building import add_build_configuration

    def added(content, *, name="zephyr.config", version="1.0.0", who=None, **more):
        return add_build_configuration(
            who or actor, product="board", version=version, content=content, name=name, **more
        )

    return added


@pytest.fixture
def proposed(actor):
    """proposed("CVE-…") -> proposals of our own evidence: (kind, status, justification, scope)."""
    from asbuilt.designed.vulnerability.deciding.proposing import proposals_of

    def own(name, who=None):
        return [one for one in proposals_of(who or actor, name) if one.kind != "supplier"]

    return own


@pytest.fixture
def withdraw(actor):
    """Withdraws the build configuration that was added last."""
    from asbuilt.built.exchange.withdrawing import Withdraw, withdraw_facts
    from asbuilt.ledger.facts import all_facts, fact_id

    def newest():
        last = list(all_facts(actor.tenant, "vulnerability.build_configuration/1"))[-1]
        name = fact_id(actor.tenant, last.entry, "vulnerability.build_configuration/1", last.row)
        withdraw_facts(actor, [Withdraw(name, "of another build", "045", 1_800_000_000_000_000, None, None)])

    return newest


def opened(actor, name=ZEPHYR_FLAW):
    from asbuilt.questions.exposure.inbox import inbox

    return next((one for one in inbox(actor).listed if one.vulnerability == name), None)


def test_a_symbol_that_is_not_set_is_proposed_and_stays_open_until_a_person_confirms(zephyr, built, proposed, decide, actor, asked):  # fmt: skip
    assert proposed(ZEPHYR_FLAW) == [] and opened(actor).proposed == 0
    built(WITHOUT)
    (one,) = proposed(ZEPHYR_FLAW)
    assert (one.kind, one.status, one.justification) == ("build", "not_affected", "vulnerable_code_not_present")
    assert one.scope.words == "board 1.0.0" and one.components == ("zephyr 3.6.0",)
    assert "CONFIG_BT_ASCS is not set in zephyr.config" in one.impact and "asbuilt.code-in-builds/" in one.impact
    # proposed, not assumed: open in the inbox, in the question and before the gate
    assert opened(actor).proposed == 1 and opened(actor).state == "affected"
    assert asked(f"cve:{ZEPHYR_FLAW}")
    from asbuilt.designed.vulnerability.deciding.findings_in import open_in_release

    assert ZEPHYR_FLAW in {each.vulnerability for each in open_in_release(actor.tenant, "board", "app", "1.0.0")}
    said = {"justification": one.justification, "impact": one.impact, "source": one.source}
    made = decide(one.status, vulnerability=ZEPHYR_FLAW, version="1.0.0", **said)
    assert made.source.startswith("build/") and opened(actor) is None and asked(f"cve:{ZEPHYR_FLAW}") == {}
    assert ZEPHYR_FLAW not in {each.vulnerability for each in open_in_release(actor.tenant, "board", "app", "1.0.0")}


def test_proposal_and_decision_lapse_with_a_new_build_configuration(zephyr, built, proposed, decide, actor):
    built(WITHOUT)
    (one,) = proposed(ZEPHYR_FLAW)
    decide(one.status, vulnerability=ZEPHYR_FLAW, version="1.0.0", justification=one.justification, source=one.source)
    built(b"src/main.c\n", name="files.txt")  # of another kind: says nothing against it
    assert opened(actor) is None
    built(WITH)
    assert proposed(ZEPHYR_FLAW) == []
    assert [why for _, why in opened(actor).lapsed] and "another build configuration" in opened(actor).lapsed[0][1]
    built(WITHOUT)  # proposed again, and again for a person to confirm
    assert len(proposed(ZEPHYR_FLAW)) == 1 and opened(actor) is None


def test_a_decision_lapses_when_its_build_configuration_is_withdrawn(zephyr, built, proposed, decide, actor, withdraw):
    built(WITHOUT)
    (one,) = proposed(ZEPHYR_FLAW)
    decide(one.status, vulnerability=ZEPHYR_FLAW, version="1.0.0", justification=one.justification, source=one.source)
    withdraw()
    assert proposed(ZEPHYR_FLAW) == [] and opened(actor).lapsed


SAID = [
        (WITH, ".config", {}, 0),
        # a configuration of another project says nothing of Zephyr's symbols
        (b"# Linux/arm64 6.1.55 Kernel Configuration\n# CONFIG_BT is not set\n", ".config", {}, 0),
        (b"# CONFIG_BT is not set\n", ".config", {}, 0),
        (b"# CONFIG_BT is not set\n", ".config", {"project": "zephyr"}, 1),
        # lists: of Zephyr by its folders or because it is said; an object of that name may be it
        (b"zephyr/kernel/init.c\nzephyr/subsys/bluetooth/host/att.c\n", "files.txt", {}, 1),
        (b"zephyr/kernel/init.c\nzephyr/subsys/bluetooth/audio/ascs.c\n", "files.txt", {}, 0),
        (b"src/main.c\n", "files.txt", {}, 0),
        (b"kernel/init.c\n", "files.txt", {"project": "zephyr"}, 1),
        (b"zephyr-3.6/subsys/bluetooth/audio/ascs.c\n", "left-out.txt", {"kind": "excluded"}, 1),
        (b"ascs.c\n", "left-out.txt", {"kind": "excluded"}, 0),
        (json.dumps([{"directory": "/b", "file": "/w/zephyr/kernel/init.c", "command": "cc"}]).encode(), "compile_commands.json", {}, 1),
        (json.dumps([{"file": "../zephyr/subsys/bluetooth/audio/ascs.c"}]).encode(), "compile_commands.json", {}, 0),
        (b"Memory Configuration\n\n .text 0x0 0x1 zephyr/libsubsys__bluetooth__audio.a(ascs.c.obj)\n", "zephyr.map", {"project": "zephyr"}, 0),
        (b"Linker script and memory map\n .text 0x0 0x1 zephyr/libkernel.a(init.c.obj)\n", "zephyr.map", {"project": "zephyr"}, 1),
]  # fmt: skip


def test_what_a_build_says_of_the_flaw(zephyr, built, proposed, withdraw):
    for content, name, more, found in SAID:
        built(content, name=name, **more)
        assert len(proposed(ZEPHYR_FLAW)) == found, (content, name)
        withdraw()


def test_where_one_file_says_that_the_code_is_in_nothing_is_proposed(zephyr, built, proposed):
    built(WITHOUT)
    built(b"zephyr/subsys/bluetooth/audio/ascs.c\n", name="files.txt")
    assert proposed(ZEPHYR_FLAW) == []


def test_files_that_a_cve_record_names_itself_need_no_table(security, built, proposed, shared_data):
    """CVE-2024-5814 of wolfSSL names src/tls13.c; CVE-2021-47456 of Linux a file that its Makefile compiles under CONFIG_CAN_PEAK_PCI."""
    from asbuilt.designed.vulnerability.matching.naming import Decision, decide_identities

    flaws = {"CVE-2024-5814": "wolfssl", "CVE-2021-47456": "linux"}
    records = [json.loads((shared_data / f"cve5/{name}.json").read_text()) for name in flaws]
    security.sbom(component("wolfssl", "5.6.0"), component("linux", "5.10.1"), version="1.0.0", serial=7)
    for name, called in (("wolfssl", "wolfssl/wolfssl"), ("linux", "linux/linux")):
        decide_identities(security.actor, name=name, decisions=[Decision("name", called)])
    security.feed(*records, name="cve", kind="cve5")
    assert all(proposed(name) == [] for name in flaws)
    built(b"wolfssl/src/internal.c\nwolfssl/src/ssl.c\n", name="files.txt")
    built(b"# Linux/arm64 5.10.1 Kernel Configuration\nCONFIG_CAN=y\n# CONFIG_CAN_PEAK_PCI is not set\n")
    (wolf,), (linux,) = (proposed(name) for name in flaws)
    assert "src/tls13.c is not among the files of files.txt (CVE-2024-5814)" in wolf.impact
    assert "CONFIG_CAN_PEAK_PCI is not set in zephyr.config (CVE-2021-47456)" in linux.impact
    built(b"wolfssl/src/internal.c\nwolfssl/src/tls13.c\n", name="files.txt")
    assert proposed("CVE-2024-5814") == []


PATCHED = {
    "backport": ("pedigree", {"patches": [{"type": "backport", "diff": {"url": "https://example.com/0001.patch"}, "resolves": [{"type": "security", "id": MBEDTLS}]}]}, "fixed", ""),
    "by the issue's name": ("pedigree", {"patches": [{"type": "unofficial", "resolves": [{"type": "security", "id": "17", "name": MBEDTLS}]}]}, "fixed", ""),
    "commit": ("pedigree", {"commits": [{"uid": "7ac3d55", "message": f"bignum: fix {MBEDTLS}"}]}, "fixed", ""),
    "CVE_STATUS": ("properties", [{"name": f"CVE_STATUS[{MBEDTLS}]", "value": "not-applicable-config: RSA is not built"}], "not_affected", "vulnerable_code_not_present"),
    "ignored": ("properties", [{"name": "cve_status", "value": f"{MBEDTLS} ignored: later"}], "", ""),
    "of another flaw": ("pedigree", {"patches": [{"type": "backport", "resolves": [{"type": "security", "id": "CVE-2024-11111"}]}]}, "", ""),
}  # fmt: skip


def test_what_a_cyclonedx_sbom_says_of_patches_is_proposed(security, proposed, asked):
    for how, (field, said, status, justification) in PATCHED.items():
        patched(security, field, said, bool(status))
        found = [
            (one.kind, one.status, one.justification, one.scope.words, one.components) for one in proposed(MBEDTLS)
        ]
        assert found == ([("sbom", status, justification, "board 1.0.0", ("mbedtls 2.28.7",))] if status else []), how
        assert asked(f"cve:{MBEDTLS}")  # open as before


def patched(security, field: str, said, elsewhere: bool) -> None:
    """An SBOM that says it of mbedtls, and of a component that the flaw is not in."""
    add(security, {"bomFormat": "CycloneDX", "specVersion": "1.6", "version": 9, "components": [
        {"type": "library", "name": "mbedtls", "version": "2.28.7", "purl": "pkg:generic/mbedtls@2.28.7", field: said},
        {"type": "library", "name": "zlib", "version": "1.3", "purl": "pkg:generic/zlib@1.3", **({field: said} if elsewhere else {})},
    ]})  # fmt: skip


def add(security, document: dict) -> None:
    from asbuilt.designed.components.actions import add_sbom
    from asbuilt.designed.components.bindings import Binding

    content = json.dumps(document).encode()
    add_sbom(security.actor, binding=Binding("board", "", "1.0.0"), content=content, file_name="s.json")


def spdx2(**package) -> dict:
    return {
        "SPDXID": "SPDXRef-DOCUMENT", "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "name": "d", "documentNamespace": "https://example.com/d",
        "creationInfo": {"created": "2027-01-01T00:00:00Z", "creators": ["Tool: t"]},
        "packages": [{"SPDXID": "SPDXRef-m", "name": "mbedtls", "versionInfo": "2.28.7", "downloadLocation": "NONE", "externalRefs": [
            {"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl", "referenceLocator": "pkg:generic/mbedtls@2.28.7"}, *package.pop("refs", [])], **package}],
    }  # fmt: skip


SPDX = {
    "Yocto's line": spdx2(sourceInfo=f"CVEs fixed: CVE-2020-1 {MBEDTLS}"),
    "reference of type fix": spdx2(refs=[{"referenceCategory": "SECURITY", "referenceType": "fix", "referenceLocator": f"https://example.com/{MBEDTLS}.patch"}]),
    "a patch by its name": {
        **spdx2(),
        "packages": [*spdx2()["packages"], {"SPDXID": "SPDXRef-p", "name": f"{MBEDTLS}.patch", "downloadLocation": "NONE"}],
        "relationships": [{"spdxElementId": "SPDXRef-p", "relationshipType": "PATCH_FOR", "relatedSpdxElement": "SPDXRef-m"}],
    },
}  # fmt: skip


def test_what_an_spdx_sbom_says_of_patches_is_proposed(security, proposed):
    for how, document in SPDX.items():
        add(security, document)
        assert [(one.status, one.components) for one in proposed(MBEDTLS)] == [("fixed", ("mbedtls 2.28.7",))], how
    yocto(security)
    (one,) = proposed(MBEDTLS)
    assert (one.status, one.justification) == ("not_affected", "vulnerable_code_not_present") and "no RSA" in one.impact


def yocto(security) -> None:
    """What Yocto writes into SPDX 3: a VEX assessment of the Security profile: not affected, because the vulnerable code is not there."""
    made = {"creationInfo": "_:c"}
    add(security, {"@context": "https://spdx.org/rdf/3.0.1/spdx-context.jsonld", "@graph": [
        {"type": "CreationInfo", "@id": "_:c", "specVersion": "3.0.1", "created": "2027-01-01T00:00:00Z", "createdBy": ["https://e.com/a"]},
        {"type": "Organization", "spdxId": "https://e.com/a", "name": "OE", **made},
        {"type": "software_Package", "spdxId": "https://e.com/m", "name": "mbedtls", "software_packageVersion": "2.28.7", "software_packageUrl": "pkg:generic/mbedtls@2.28.7", **made},
        {"type": "security_Vulnerability", "spdxId": "https://e.com/v", "externalIdentifier": [{"type": "ExternalIdentifier", "externalIdentifierType": "cve", "identifier": MBEDTLS}], **made},
        {"type": "security_VexNotAffectedVulnAssessmentRelationship", "spdxId": "https://e.com/r", "from": "https://e.com/v", "relationshipType": "doesNotAffect",
         "to": ["https://e.com/m"], "security_justificationType": "vulnerableCodeNotPresent", "security_impactStatement": "not-applicable-config: no RSA", **made},
    ]})  # fmt: skip


NONE = [
        (b"", {}, "build.empty"),
        (b"\xff\xfe\x00", {}, "build.not_text"),
        (b"CONFIG_A=y\n\0\n", {}, "build.not_text"),
        (b"CONFIG_A=y\nrm -rf /\n", {}, "build.not_kconfig"),
        (b"hello world\n", {}, "build.not_a_list"),
        (b"a.c\n", {"kind": "kconfig"}, "build.not_kconfig"),
        (b"[{}]", {}, "build.entry_without_file"),
        (b'[{"file": ', {}, "build.not_json"),
        (b"Memory Configuration\n", {}, "build.map_without_objects"),
        (b"[" + b"{}," * 200_001 + b"{}]", {}, "build.too_many"),
        (b"".join(b"CONFIG_X%d=y\n" % n for n in range(200_001)), {}, "build.too_many"),
        (b"CONFIG_A=" + b"a" * 5_000, {}, "build.line_too_long"),
        (b"#" * (32 * 1024**2 + 1), {}, "build.too_large"),
        (b"CONFIG_A=y\n", {"kind": "notes"}, "vulnerability.build_unclear"),
]  # fmt: skip


def test_what_is_no_build_configuration_is_refused(security, built, actor):
    from asbuilt.designed.vulnerability.deciding.builds import builds

    for content, more, code in NONE:
        with pytest.raises(Invalid) as refused:
            built(content, **more)
        assert refused.value.code == code and refused.value.remedy
    assert builds(actor.tenant) == []


def test_who_adds_one_and_the_same_request_twice(security, built, person, stranger, actor):
    with pytest.raises(NotAllowed):
        built(WITHOUT, who=person("auditor"))
    with pytest.raises(NotFound):
        built(WITHOUT, who=stranger)
    with pytest.raises(NotFound):
        built(WITHOUT, version="9.9.9")
    one = built(WITHOUT, request_key="k1")
    assert built(WITHOUT, request_key="k1") == one and (one.kind, one.project) == ("kconfig", "zephyr")
    with pytest.raises(Conflict):
        built(WITH, request_key="k1")
    with pytest.raises(Conflict):
        built(WITHOUT)  # it counts already
    from asbuilt.ledger.evidence import open_evidence

    assert b"".join(open_evidence(actor.tenant, one.sha256)) == WITHOUT


ROUTINES = {"affected": [{"vendor": "wolfSSL", "product": "wolfSSL", "defaultStatus": "unaffected", "modules": ["(D)TLS", "src/dtls"],
    "programRoutines": [{"name": "DoTls13ClientHello"}, {"name": "TLSX_KeyShare_Use()"}],
    "versions": [{"status": "affected", "version": "0", "lessThan": "5.7.2", "versionType": "semver"}]}]}  # fmt: skip
MAP = "Discarded input sections\n\n .text.{gone}\n                0x00 0x4 wolfssl/src/libw.a(tls13.c.obj)\n\nMemory Configuration\n\n{kept} .text.main 0x0 0x1 src/main.c.obj\n"


def test_routines_and_modules_of_a_record_are_shown_and_a_map_that_threw_them_away_is_a_proposal(security, built, proposed, withdraw, actor):  # fmt: skip
    from asbuilt.designed.vulnerability.feeds.seen import vulnerability_seen
    from asbuilt.designed.vulnerability.matching.naming import Decision, decide_identities
    from asbuilt.designed.vulnerability.matching.seen import findings_seen

    name, when = "CVE-2026-77001", "2026-02-01T00:00:00.000Z"
    metadata = {"cveId": name, "state": "PUBLISHED", "datePublished": when, "dateUpdated": when}
    cna = {
        "providerMetadata": {"shortName": "wolfSSL"},
        "descriptions": [{"lang": "en", "value": "A flaw."}],
        **ROUTINES,
    }
    security.sbom(component("wolfssl", "5.6.0"), version="1.0.0", serial=7)
    decide_identities(actor, name="wolfssl", decisions=[Decision("name", "wolfssl/wolfssl")])
    record = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": metadata, "containers": {"cna": cna}}
    security.feed(record, name="cve", kind="cve5")
    (finding,) = findings_seen(actor, name)
    named = ["module (D)TLS", "module src/dtls", "routine DoTls13ClientHello", "routine TLSX_KeyShare_Use"]
    assert list(finding.places) == [f"{one} ({name})" for one in named]
    assert list(vulnerability_seen(actor, name).advisories[0].places) == [f"wolfssl: {one}" for one in named]
    both = "DoTls13ClientHello\n .text.TLSX_KeyShare_Use"
    for text, found in (
        (MAP.format(gone=both, kept=""), 1),
        (MAP.format(gone="DoTls13ClientHello", kept=""), 0),  # of the other one the map says nothing
        (MAP.format(gone=both, kept=" .text.unlikely.TLSX_KeyShare_Use.part.0 0x0 0x1 a.o\n"), 0),  # a part of it is in
        (MAP.format(gone="other", kept=" .text.DoTls13ClientHello 0x0 0x1 a.o\n"), 0),
        ("wolfssl/src/internal.c\n", 1),  # the module is a folder, and nothing in it was compiled
        ("wolfssl/src/dtls/record.c\n", 0),
        ("src/main.c\n", 0),  # a list that does not speak of wolfSSL
    ):
        built(text.encode(), name="zephyr.map")
        assert len(proposed(name)) == found, text
        withdraw()
    built(MAP.format(gone=both, kept="").encode(), name="zephyr.map")
    (one,) = proposed(name)
    assert (
        "the linker discarded DoTls13ClientHello, TLSX_KeyShare_Use by zephyr.map" in one.impact and name in one.impact
    )
    assert opened(actor, name).state == "affected" and opened(actor, name).proposed == 1  # proposed, never assumed


def test_a_record_that_names_a_file_and_a_folder_is_out_only_where_both_are(security, built, proposed, withdraw, actor):
    from asbuilt.designed.vulnerability.matching.naming import Decision, decide_identities

    name, when = "CVE-2026-77002", "2026-02-01T00:00:00.000Z"
    (affected,) = ROUTINES["affected"]
    affected = {key: said for key, said in affected.items() if key != "programRoutines"} | {"programFiles": ["src/tls13.c"]}  # fmt: skip
    cna = {"providerMetadata": {"shortName": "wolfSSL"}, "descriptions": [{"lang": "en", "value": "A flaw."}], "affected": [affected]}  # fmt: skip
    metadata = {"cveId": name, "state": "PUBLISHED", "datePublished": when, "dateUpdated": when}
    security.sbom(component("wolfssl", "5.6.0"), version="1.0.0", serial=7)
    decide_identities(actor, name="wolfssl", decisions=[Decision("name", "wolfssl/wolfssl")])
    record = {"dataType": "CVE_RECORD", "dataVersion": "5.1", "cveMetadata": metadata, "containers": {"cna": cna}}
    security.feed(record, name="cve", kind="cve5")
    for text, kind, found in (
        (b"wolfssl/src/internal.c\n", "compiled", 1),  # neither the file nor anything of src/dtls
        (b"wolfssl/src/internal.c\nwolfssl/src/dtls/record.c\n", "compiled", 0),  # not the file, but the folder
        (b"wolfssl/src/internal.c\nwolfssl/src/tls13.c\n", "compiled", 0),
        (b"wolfssl/src/tls13.c\n", "excluded", 0),  # nothing is said of the folder
    ):
        built(text, name="files.txt", kind=kind)
        assert len(proposed(name)) == found, text
        assert not found or "src/tls13.c, src/dtls/ is not among the files" in proposed(name)[0].impact
        withdraw()


def test_symbols_of_which_one_suffices_stop_a_proposal(security, built, proposed, withdraw):
    """BusyBox compiles ash.c under CONFIG_SHELL_ASH, older ones under CONFIG_ASH; mbedtls comes into Zephyr with TF-M too."""
    name = "CVE-2022-48174"
    security.sbom(component("busybox", "1.33.0"), component("mbedtls", "2.28.7"), version="1.0.0", serial=7)
    security.feed(osv(name, "busybox", "1.35.0"), name="busybox")
    head = b"# Busybox version: 1.33.0\n"
    for said, found in ((b"CONFIG_LS=y\n", 1), (b"CONFIG_ASH=y\n", 0), (b"CONFIG_SHELL_ASH=y\n", 0)):
        built(head + said)
        assert [one.kind for one in proposed(name)] == ["build"] * found, said
        withdraw()
    built(head + b"CONFIG_LS=y\n")
    assert "CONFIG_SHELL_ASH or CONFIG_ASH is not set" in proposed(name)[0].impact
    for said, found in ((WITHOUT, 1), (WITHOUT + b"CONFIG_BUILD_WITH_TFM=y\n", 0)):
        made = built(said, name="z.config")
        assert [one.kind for one in proposed(MBEDTLS)] == ["build"] * found, made
        withdraw()


def test_every_line_of_the_table_says_where_its_build_file_was_read():
    from pathlib import Path

    from asbuilt.designed.vulnerability.deciding import code_places

    said = json.loads(Path(code_places.__file__).with_name("data").joinpath("code-in-builds.json").read_text())
    lines = [one for part in ("vulnerabilities", "components", "files") for one in said[part]]
    assert lines and all(one["from"] and "/" in one["seen"] and "not looked up" not in str(one) for one in lines)
