"""A real PKCS#11 token for tests (SoftHSM2), one a test process: the library reads its settings once."""

import os
import subprocess
from pathlib import Path

import pytest

MODULE = "/usr/lib/softhsm/libsofthsm2.so"
PIN = "48151623"
PAIRS = ("release", "line", "brand", "issuer")


@pytest.fixture(scope="session")
def token(tmp_path_factory) -> Path:
    """A token `firm` with P-256 pairs and an AES key `images`; gives the folder of the file `pin`."""
    import pkcs11
    from pkcs11.util.ec import encode_named_curve_parameters

    folder = tmp_path_factory.mktemp("token")
    (folder / "tokens").mkdir()
    (folder / "softhsm2.conf").write_text(f"directories.tokendir = {folder}/tokens\nlog.level = ERROR\n")
    os.environ["SOFTHSM2_CONF"] = str(folder / "softhsm2.conf")
    made = ["softhsm2-util", "--init-token", "--free", "--label", "firm", "--pin", PIN, "--so-pin", "5678"]
    subprocess.run(made, check=True, capture_output=True, timeout=30)
    with pkcs11.lib(MODULE).get_token(token_label="firm").open(rw=True, user_pin=PIN) as session:
        curve = {pkcs11.Attribute.EC_PARAMS: encode_named_curve_parameters("secp256r1")}
        parameters = session.create_domain_parameters(pkcs11.KeyType.EC, curve, local=True)
        for label in PAIRS:
            parameters.generate_keypair(store=True, label=label)
        session.generate_key(pkcs11.KeyType.AES, 256, store=True, label="images")
    (folder / "pin").write_text(PIN + "\n")
    return folder


def uri(folder: Path, label: str, *, pin: bool = True) -> str:
    """A key of it; with `pin` its URI names the file of the PIN."""
    named = f"pkcs11:token=firm;object={label}?module-path={MODULE}"
    return f"{named}&pin-source={folder / 'pin'}" if pin else named
