"""A provider's folder: laid out as section 7 of CSAF 2.0 has it, every file checked by a stranger's means; what never becomes public."""

import hashlib
import json
import os
from dataclasses import replace

import jsonschema_rs
import pytest
from official_schemas import SCHEMAS
from pysequoia import Cert, Sig, Tsk, verify
from test_write_csaf import DOCUMENT, INFORMATIONAL

from asbuilt.formats.csaf.advisory import Revision
from asbuilt.formats.csaf.provider import Place, provider_tree
from asbuilt.formats.csaf.writing import write
from asbuilt.kernel.errors import AsbuiltError
from asbuilt.tokens.openpgp import OpenPgpKey

BASE = "https://brand.example/.well-known/csaf"
OLDER = replace(INFORMATIONAL, revisions=(Revision(1, "2025-03-01T00:00:00Z", "First issue."),))
SECRET = replace(DOCUMENT, identity="BRAND-AMBER", tlp="AMBER")
UNREADY = replace(DOCUMENT, identity="BRAND-DRAFT", status="draft")
GIVEN = [(f"{number}.json", write(one)) for number, one in enumerate((OLDER, SECRET, DOCUMENT, UNREADY))]
NEW, OLD = "2026/brand-sa-2026-007.json", "2025/brand-2026-info.json"


@pytest.fixture(scope="module")
def key(tmp_path_factory):
    file = tmp_path_factory.mktemp("keys") / "psirt.key"
    file.write_bytes(bytes(Tsk.generate("PSIRT <psirt@brand.example>")))
    file.chmod(0o600)
    return file


def laid_out(key, given=GIVEN, base=BASE):
    signing = OpenPgpKey.read(key)
    return provider_tree(given, Place(base, signing.fingerprint, signing.public), signing.sign)


def test_the_folder_is_the_standards_and_every_file_proves_itself(key):
    files, left_out = laid_out(key)
    assert left_out == [("1.json", "TLP:AMBER"), ("3.json", "draft")]
    assert files["white/index.txt"].decode().splitlines() == [NEW, OLD]
    assert (
        files["white/changes.csv"].decode() == f'"{NEW}","2026-11-28T09:00:00+01:00"\n"{OLD}","2025-03-01T00:00:00Z"\n'
    )
    fingerprint = OpenPgpKey.read(key).fingerprint
    public = Cert.from_bytes(files[f"openpgp/{fingerprint}.asc"])
    assert b"PRIVATE" not in b"".join(files.values())
    for path, written in ((NEW, GIVEN[2][1]), (OLD, GIVEN[0][1])):
        assert files[f"white/{path}"] == written
        assert files[f"white/{path}.sha256"].split()[0].decode() == hashlib.sha256(written).hexdigest()
        assert files[f"white/{path}.sha512"].split()[0].decode() == hashlib.sha512(written).hexdigest()
        signature = Sig.from_bytes(files[f"white/{path}.asc"])
        assert verify(bytes=written, store=lambda _: [public], signature=signature).valid_sigs
        with pytest.raises(Exception, match=r"."):
            verify(bytes=written + b" ", store=lambda _: [public], signature=signature)
    known = {"https://docs.oasis-open.org/csaf/csaf/v2.0/csaf_json_schema.json": "csaf_json_schema.json"}
    known |= {f"https://www.first.org/cvss/cvss-v{one}.json": f"cvss-v{one}.json" for one in ("2.0", "3.0", "3.1")}
    official = {name: json.loads((SCHEMAS / "csaf-2.0" / file).read_text()) for name, file in known.items()}
    provider = json.loads((SCHEMAS / "csaf-2.0" / "provider_json_schema.json").read_text())
    schema = jsonschema_rs.validator_for(provider, registry=jsonschema_rs.Registry(list(official.items())))
    metadata = json.loads(files["provider-metadata.json"])
    assert schema.is_valid(metadata) and list(files)[-1] == "provider-metadata.json"
    assert not schema.is_valid({**metadata, "role": "nobody"})
    feed = json.loads(files["white/feed-tlp-white.json"])["feed"]
    assert [one["id"] for one in feed["entry"]] == ["BRAND-SA-2026-007", "BRAND-2026-INFO"]
    links = [link["href"] for one in feed["entry"] for link in one["link"]] + [one["content"]["src"] for one in feed["entry"]]  # fmt: skip
    assert len(links) == 10 and all(link.removeprefix(BASE + "/") in files for link in links)


@pytest.mark.parametrize(
    ("given", "base", "code"),
    [
        (GIVEN, "http://brand.example", "csaf.no_https"),
        ([GIVEN[1], GIVEN[3]], BASE, "csaf.nothing_public"),
        ([GIVEN[0], ("x.json", b"{}")], BASE, "csaf.not_valid"),
        ([GIVEN[2], GIVEN[2]], BASE, "csaf.identity_twice"),
        ([GIVEN[2], ("x.json", write(replace(OLDER, publisher="Another")))], BASE, "csaf.several_publishers"),
    ],
)
def test_what_may_not_be_published_is_refused(key, given, base, code):
    with pytest.raises(AsbuiltError) as refused:
        laid_out(key, given, base)
    assert refused.value.code == code and refused.value.remedy


def test_keys_that_others_read_or_that_are_none_are_refused(key, tmp_path):
    open_, none = tmp_path / "open.key", tmp_path / "none.key"
    open_.write_bytes(key.read_bytes())
    open_.chmod(0o644)
    public = tmp_path / "public.key"
    public.write_bytes(OpenPgpKey.read(key).public)
    none.write_bytes(b"nothing")
    for file in (public, none):
        file.chmod(0o600)
    for file, code in (
        (open_, "tokens.openpgp_open"),
        (none, "tokens.openpgp_wrong"),
        (public, "tokens.openpgp_wrong"),
    ):
        with pytest.raises(AsbuiltError) as refused:
            OpenPgpKey.read(file)
        assert refused.value.code == code and refused.value.remedy


def test_no_name_leaves_the_folder(key):
    hostile = replace(DOCUMENT, identity="../../etc/passwd")
    files, _ = laid_out(key, [("x.json", write(hostile))])
    assert "white/2026/_etc_passwd.json" in files and all(os.pardir not in path for path in files)
