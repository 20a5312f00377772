"""The register by command: keys, trust store, draft, signatures, release, matrix, archive, withdrawal; no secret shown."""

import json

import pytest

IMAGE = b"\x7fIMAGE" + bytes(range(256)) * 30


@pytest.fixture
def house(asbuilt, tables, tmp_path):
    """A record with product MB, revision A, and key files of two roots, two signers and a recovery key."""
    assert asbuilt("import", tables).code == 0
    folder = tmp_path / "people"
    folder.mkdir()
    for name in ("root1", "root2", "ann", "ben"):
        assert asbuilt("firmware", "keygen", folder / name).code == 0
    assert asbuilt("firmware", "keygen", folder / "safe", "--sealing").code == 0
    assert (folder / "ann").stat().st_mode & 0o777 == 0o600
    said = {
        "store": "halden",
        "roles": {
            "root": {
                "threshold": 2,
                "keys": [{"key": "root1.pub", "holder": "R1"}, {"key": "root2.pub", "holder": "R2"}],
            },
            "release-signer": {
                "threshold": 2,
                "keys": [{"key": "ann.pub", "holder": "Ann"}, {"key": "ben.pub", "holder": "Ben"}],
            },
            "recovery": {"threshold": 1, "keys": [{"key": "safe.pub", "holder": "safe"}]},
        },
    }
    (folder / "trust.json").write_text(json.dumps(said))
    made = asbuilt("firmware", "trust", "make", folder / "trust.json", folder / "trust-1.json")
    assert made.code == 0, made.err
    for name in ("root1", "root2"):
        assert asbuilt("firmware", "sign-file", folder / "trust-1.json", "--key", folder / name).code == 0
    pin = made.err.split("SHA-256 ")[1].strip().rstrip(".")
    assert asbuilt("firmware", "trust", "set", folder / "trust-1.json").code == 2
    assert asbuilt("firmware", "trust", "set", folder / "trust-1.json", "--pin", "0" * 64).code == 2
    done = asbuilt("firmware", "trust", "set", folder / "trust-1.json", "--pin", pin)
    assert done.code == 0, done.err
    (tmp_path / "app.bin").write_bytes(IMAGE)
    (tmp_path / "log.txt").write_text("Closes the port\nFaster start\n")
    return folder, pin


def said(asbuilt, *words):
    done = asbuilt("firmware", *words, "--format", "json")
    assert done.code == 0, done.err
    return done.document


def test_from_key_to_archive(asbuilt, house, tmp_path):
    folder, pin = house
    image, log = tmp_path / "app.bin", tmp_path / "log.txt"
    add = ("add", "MB", "2.3.1", image, "--revision", "A", "--change-log", log, "--security", "--built-by", "ci 7")
    draft = said(asbuilt, *add)
    assert (draft["state"], draft["length"], draft["change_log"]) == (
        "draft",
        len(IMAGE),
        "Closes the port\nFaster start",
    )
    assert asbuilt("firmware", "release", "MB", "2.3.1").code == 4
    assert len(said(asbuilt, "sign", "MB", "2.3.1", "--key", folder / "ann")["signatures"]) == 1
    # Ben's key is on another machine
    assert asbuilt("firmware", "statement", "MB", "2.3.1", tmp_path / "s.json").code == 0
    assert asbuilt("firmware", "sign-file", tmp_path / "s.json", "--key", folder / "ben").code == 0
    assert len(said(asbuilt, "sign", "MB", "2.3.1", "--envelope", tmp_path / "s.json")["signatures"]) == 2
    released = said(asbuilt, "release", "MB", "2.3.1")
    assert released["state"] == "released" and released["keep_until"] > "2036"
    (line,) = said(asbuilt, "matrix")["lines"]
    assert (line["revision"], line["version"], line["signed"]) == ("A", "2.3.1", True)
    table = asbuilt("firmware", "matrix", "--csv").out.splitlines()
    assert table[0].startswith("product,revision,role,version,state") and table[1].startswith(
        "MB,A,app,2.3.1,released,true,"
    )
    assert asbuilt("firmware", "matrix", "--check").code == 0
    assert asbuilt("ask", released["question"]).code == 0
    assert [one["role"] for one in said(asbuilt, "trust", "list")["versions"][0]["roles"]] == [
        "recovery",
        "release-signer",
        "root",
    ]
    archive = tmp_path / "archive"
    assert len(said(asbuilt, "archive", "write", archive)["releases"]) == 1
    checked = said(asbuilt, "archive", "verify", archive, "--pin", pin, "--recovery-key", folder / "safe")
    assert (checked["releases"], checked["signatures"], checked["images"], checked["holds"]) == (1, 2, 1, True)
    assert said(asbuilt, "archive", "verify", "--at", "2040-01-01")["holds"] is True
    assert said(asbuilt, "archive", "verify", "--at", "2020-01-01")["releases"] == 0
    opened = asbuilt(
        "firmware",
        "archive",
        "open",
        archive,
        released["sha256"],
        tmp_path / "out.bin",
        "--recovery-key",
        folder / "safe",
    )
    assert opened.code == 0 and (tmp_path / "out.bin").read_bytes() == IMAGE
    assert asbuilt("firmware", "archive", "erase", "MB", "2.3.1").code == 4
    withdrawn = asbuilt("firmware", "withdraw", "MB", "2.3.1", "--reason", "hangs")
    assert withdrawn.code == 0 and f"asbuilt ask '{released['question']}'" in withdrawn.err
    assert asbuilt("firmware", "matrix", "--check").code == 4
    assert [one["state"] for one in said(asbuilt, "list")["releases"]] == ["withdrawn"]
    verified = asbuilt("ledger", "verify")
    assert verified.code == 0, verified.err + verified.out


def test_where_one_holder_signs_two_people_are_named(asbuilt, house, tmp_path):
    """The system account is whoever sits at the machine: with one signature it neither adds what is released nor releases it."""
    from cli.test_results_by_command import tokens

    folder, _ = house
    kept = json.loads((folder / "trust.json").read_text())
    kept["roles"]["release-signer"]["threshold"] = 1
    (folder / "trust.json").write_text(json.dumps(kept))
    later = folder / "trust-2.json"
    made = asbuilt("firmware", "trust", "make", folder / "trust.json", later, "--after", folder / "trust-1.json")
    assert made.code == 0, made.err
    for name in ("root1", "root2"):
        assert asbuilt("firmware", "sign-file", later, "--key", folder / name).code == 0
    assert asbuilt("firmware", "trust", "set", later).code == 0
    ann, ben = tokens(tmp_path, ann="release_signer", ben="release_signer")
    said(asbuilt, "add", "MB", "1.0.0", tmp_path / "app.bin", "--revision", "A", *ann)
    said(asbuilt, "sign", "MB", "1.0.0", "--key", folder / "ann")
    nobody = asbuilt("firmware", "release", "MB", "1.0.0")
    assert nobody.code == 4 and "the system account is no person" in nobody.err and "--token" in nobody.err
    alone = asbuilt("firmware", "release", "MB", "1.0.0", *ann)
    assert alone.code == 4 and "same person" in alone.err
    assert said(asbuilt, "release", "MB", "1.0.0", *ben)["state"] == "released"


def test_a_changed_archive_is_named(asbuilt, house, tmp_path):
    folder, pin = house
    said(asbuilt, "add", "MB", "1.0.0", tmp_path / "app.bin")
    said(asbuilt, "sign", "MB", "1.0.0", "--key", folder / "ann", "--key", folder / "ben")
    said(asbuilt, "release", "MB", "1.0.0")
    said(asbuilt, "archive", "write", tmp_path / "archive")
    log = tmp_path / "archive/releases/1/change-log.txt"
    log.write_text("nothing\n")
    done = asbuilt("firmware", "archive", "verify", tmp_path / "archive", "--pin", pin)
    assert done.code == 7 and "change-log.txt" in done.out


def test_a_station_gets_its_image_sealed(asbuilt, house, tmp_path):
    from asbuilt.kernel.sealing import IMAGE as PURPOSE
    from asbuilt.kernel.sealing import SealingKey

    folder, _ = house
    said(asbuilt, "add", "MB", "1.0.0", tmp_path / "app.bin")
    assert asbuilt("firmware", "keygen", folder / "station", "--sealing").code == 0
    seal = ("firmware", "seal", "MB", "1.0.0", tmp_path / "sealed", "--station-key", folder / "station.pub")
    assert asbuilt(*seal).code == 4
    said(asbuilt, "sign", "MB", "1.0.0", "--key", folder / "ann", "--key", folder / "ben")
    said(asbuilt, "release", "MB", "1.0.0")
    assert asbuilt(*seal).code == 0
    station = SealingKey.from_pem((folder / "station").read_text())
    assert station.open((tmp_path / "sealed").read_bytes(), PURPOSE) == IMAGE


def test_two_releases_compared(asbuilt, house, tmp_path):
    said(asbuilt, "add", "MB", "1.0.0", tmp_path / "app.bin")
    said(asbuilt, "add", "MB", "1.1.0", tmp_path / "app.bin", "--security", "--change-log", tmp_path / "log.txt")
    found = said(asbuilt, "compare", "MB", "1.1.0", "1.0.0")
    assert (found["older"], found["newer"], found["security_relevant"], found["same_image"]) == (
        "1.0.0",
        "1.1.0",
        True,
        True,
    )
    done = asbuilt("firmware", "compare", "MB", "1.0.0", "1.1.0")
    assert "Faster start" in done.out and "a security update" in done.err
    assert asbuilt("firmware", "compare", "MB", "1.0.0", "9").code == 3


def test_what_is_refused_and_what_is_never_shown(asbuilt, house, tmp_path):
    folder, _ = house
    said(asbuilt, "add", "MB", "1.0.0", tmp_path / "app.bin")
    secret = (folder / "ann").read_text().splitlines()[1]
    for words, code in (
        (("add", "GHOST", "1.0.0", tmp_path / "app.bin"), 3),
        (("add", "MB", "1.0.0", folder / "root1"), 4),
        (("add", "MB", "2.0.0", tmp_path / "none.bin"), 3),
        (("add", "MB", "2.0.0", tmp_path / "app.bin", "--boot", "mcuboot", "--boot-key", folder / "ann.pub"), 4),
        (("add", "MB", "2.0.0", tmp_path / "app.bin", "--boot", "mcuboot", "--boot-key", folder / "ann"), 2),
        (("sign", "MB", "1.0.0", "--key", folder / "root1"), 4),
        (("sign", "MB", "1.0.0", "--key", folder / "ann.pub"), 2),
        (("sign", "MB", "1.0.0", "--key", "pkcs11:object=x;pin-value=1234"), 2),
        (("release", "MB", "7"), 3),
        (("withdraw", "MB", "1.0.0", "--reason", "x"), 4),
        (("keygen", folder / "ann"), 4),
        (("archive", "verify", tmp_path / "none"), 3),
        (("archive", "verify", "--at", "someday"), 2),
    ):
        done = asbuilt("firmware", *words)
        assert done.code == code, (words, done.err)
        assert secret not in done.out + done.err and "PRIVATE" not in done.out + done.err
    assert [one["version"] for one in said(asbuilt, "list")["releases"]] == ["1.0.0"]
