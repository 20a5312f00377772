"""`asbuilt permit sign` with keys in a token (SoftHSM2): grant and permit, offline; the PIN in a file or asked for, and seen by nobody."""

import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
from hardware_token import PIN, uri
from station_floor import Floor, key_of
from terminal import Terminal

from asbuilt.kernel import permits
from asbuilt.tokens.keys import TokenKey

ASBUILT = str(Path(sys.executable).with_name("asbuilt"))


@pytest.fixture
def alone(tmp_path, token) -> dict:
    """An environment without home and keys."""
    nowhere = {"ASBUILT_HOME": str(tmp_path / "nowhere"), "ASBUILT_KEYS": str(tmp_path / "nowhere")}
    env = {**os.environ, **nowhere}
    env.pop("ASBUILT_DATABASE_URL", None)
    return env


@pytest.fixture
def papers(tmp_path, token) -> dict[str, Path]:
    """A grant that names the token's issuer, and a permit of it, unsigned."""
    floor = Floor(tmp_path, b"image" * 100)
    floor.grant = {"issuers": [key_of(TokenKey(uri(token, "issuer")).public())]}
    station = {"station": "ST-01", "key": key_of(TokenKey(uri(token, "line")).public()), "units": 5, "rework_units": 0}
    said = {"grant": floor.grant_document(), "permit": floor.permit_document([station])}
    for name, document in said.items():
        (tmp_path / name).write_text(json.dumps(document))
    return {name: tmp_path / name for name in said}


def sign(file: Path, key: str, env: dict, *more: str) -> subprocess.CompletedProcess:
    words = [ASBUILT, "permit", "sign", str(file), "--key", key, "--output", f"{file}.signed", *more]
    return subprocess.run(words, env=env, stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60)


def test_grant_and_permit_are_signed_by_keys_in_a_token(papers, token, alone):
    done = sign(papers["grant"], uri(token, "brand"), alone)
    assert done.returncode == 0, done.stderr
    grant_file = Path(f"{papers['grant']}.signed")
    done = sign(papers["permit"], uri(token, "issuer"), alone, "--grant", str(grant_file))
    assert done.returncode == 0, done.stderr
    brand = TokenKey(uri(token, "brand")).public()
    grant = permits.open_grant(grant_file.read_bytes(), brand_owner_keys=[brand])
    permit = permits.open_permit(Path(f"{papers['permit']}.signed").read_bytes(), grant=grant)
    assert (grant.units, permit.units) == (100, 5)
    assert not Path(alone["ASBUILT_HOME"]).exists()


def test_the_pin_is_asked_for_at_a_terminal_and_seen_by_nobody(papers, token, alone):
    key = uri(token, "brand", pin=False)
    words = [ASBUILT, "permit", "sign", str(papers["grant"]), "--key", key, "--output", f"{papers['grant']}.signed"]
    terminal = Terminal(words, alone)
    terminal.read("PIN of token firm: ")
    assert PIN not in terminal.seen_by_others()
    terminal.write(PIN + "\n")
    assert terminal.end() == 0, terminal.shown
    assert PIN not in terminal.shown
    brand = TokenKey(uri(token, "brand")).public()
    permits.open_grant(Path(f"{papers['grant']}.signed").read_bytes(), brand_owner_keys=[brand])


def test_what_is_refused_leaves_no_file(papers, token, alone, tmp_path):
    (tmp_path / "wrong").write_text("0000")
    grant = papers["grant"]
    for key, code, exit_code in (
        (uri(token, "brand", pin=False), "tokens.unusable", 6),  # nobody sits there to be asked
        (uri(token, "brand", pin=False) + f"&pin-source={tmp_path / 'wrong'}", "tokens.unusable", 6),
        (uri(token, "nobody"), "tokens.unusable", 6),
        (uri(token, "brand") + f"&pin-value={PIN}", "tokens.pin_shown", 2),
        (str(tmp_path / "no.pem"), "cli.no_file", 3),
    ):
        done = sign(grant, key, alone)
        assert (done.returncode, code in done.stderr) == (exit_code, True), done.stderr
        assert "Traceback" not in done.stderr and not Path(f"{grant}.signed").exists()


def test_a_key_that_the_grant_does_not_name_signs_no_permit(papers, token, alone):
    assert sign(papers["grant"], uri(token, "brand"), alone).returncode == 0
    done = sign(papers["permit"], uri(token, "brand"), alone, "--grant", f"{papers['grant']}.signed")
    assert done.returncode == 2 and "cli.not_an_issuer" in done.stderr


def test_what_no_station_would_take_is_refused_before_the_token_is_asked(papers, token, alone):
    papers["grant"].write_text(json.dumps({**json.loads(papers["grant"].read_text()), "more": 1}))
    done = sign(papers["grant"], uri(token, "nobody"), alone)
    assert done.returncode == 2 and "kernel.document_field" in done.stderr
