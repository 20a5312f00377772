"""Web: what a unit's TLS allows, whose certificate it shows, what it says of itself, whether its cipher works."""

import hashlib
import os
import re
import ssl
import warnings
from base64 import b64decode
from datetime import UTC, datetime

from asbuilt.station.testing.functions import consoles
from asbuilt.station.testing.functions.reaching import (
    ANY_CIPHER,
    ask_web,
    connect,
    lenient_context,
    nmap,
    port_of,
)
from asbuilt.station.testing.functions.taken import About, NotCarriedOut, Taken

VERSIONS = {
    "TLSv1.0": ssl.TLSVersion.TLSv1, "TLSv1.1": ssl.TLSVersion.TLSv1_1, "TLSv1.2": ssl.TLSVersion.TLSv1_2,
    "TLSv1.3": ssl.TLSVersion.TLSv1_3,
}  # fmt: skip
RSA_BITS_MIN, EC_BITS_MIN = 2_048, 224
WEAK_HASHES = frozenset(["md5", "sha1"])
# our side said no: the unit was not asked
OUR_FAULT = ("NO_CIPHERS_AVAILABLE", "NO_PROTOCOLS_AVAILABLE", "UNSUPPORTED_PROTOCOL_VERSION", "NO_CIPHER_MATCH")


def tls(about: About, parameters: dict[str, str]) -> Taken:
    """Which versions the unit takes, one handshake each, and how weak its weakest cipher is (nmap's grade, A to F)."""
    port, taken = port_of(parameters), Taken()
    found = [name for name, version in VERSIONS.items() if _takes(about.host, port, name, version, taken)]
    listed, grade = _ciphers(about.host, port, taken)
    found = [name for name in ("SSLv2", "SSLv3", *VERSIONS) if name in found or name in listed]
    if not found:
        raise NotCarriedOut("no_answer", f"Port {port} takes no version of TLS.")
    old = [name for name in found if name not in ("TLSv1.2", "TLSv1.3")]
    said = (
        f"The unit takes {', '.join(old)} at port {port}."
        if old
        else f"The unit takes only {', '.join(found)} at port {port}."
    )
    taken.value("versions", " ".join(found), said)
    taken.value("least_strength", grade, f"The weakest cipher at port {port} has grade {grade}.")
    return taken


def _takes(host: str, port: int, name: str, version: ssl.TLSVersion, taken: Taken) -> bool:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        context.minimum_version = ssl.TLSVersion.TLSv1
        context.maximum_version = version
        context.minimum_version = version
    context.set_ciphers(ANY_CIPHER)
    with connect(host, port) as link:
        try:
            with context.wrap_socket(link) as wrapped:
                taken.note(f"{name}: taken, {wrapped.cipher()[0]}")
                return True
        except ssl.SSLError as error:
            if any(word in str(error.reason) for word in OUR_FAULT):
                raise NotCarriedOut("tool_missing", f"This station's OpenSSL cannot try {name}.") from None
            taken.note(f"{name}: refused, {error.reason}")
        except TimeoutError:
            # whoever only hesitates may still take it
            raise NotCarriedOut("no_answer", f"Port {port} says neither yes nor no to {name}.") from None
        except OSError as error:
            taken.note(f"{name}: refused, {type(error).__name__}")
    return False


def _ciphers(host: str, port: int, taken: Taken) -> tuple[list[str], str]:
    found = nmap(["-p", str(port), "--script", "ssl-enum-ciphers", host])
    script = next((one for one in found if one.name == "script" and one.get("id") == "ssl-enum-ciphers"), None)
    if script is None:
        raise NotCarriedOut("no_answer", f"nmap lists no ciphers of port {port}.")
    taken.note(script.attributes.get("output", ""))
    least = script.get("output").rpartition("least strength: ")[2][:1]
    return [one.get("key") for one in script.all("table")], least or "F"


def certificate(about: About, parameters: dict[str, str]) -> Taken:
    """The certificate that the unit shows, and whose key it has just proved: chain to the plan's CA, days left, its own name, the one that
    it was given when it was programmed, and that no other unit has its key."""
    from cryptography import x509
    from cryptography.hazmat.primitives import serialization

    port, taken = port_of(parameters), Taken()
    with connect(about.host, port) as link:
        try:
            with lenient_context().wrap_socket(link) as wrapped:
                shown = wrapped.getpeercert(binary_form=True)
        except OSError as error:
            raise NotCarriedOut("no_answer", f"Port {port} does not speak TLS: {type(error).__name__}") from None
    if not shown:
        raise NotCarriedOut("no_answer", f"Port {port} shows no certificate.")
    leaf = x509.load_der_x509_certificate(shown)
    taken.note(f"subject {leaf.subject.rfc4514_string()}, until {leaf.not_valid_after_utc.isoformat()}")
    why = _weakness(leaf) or _chain_fault(about.host, port, parameters["ca"], shown)
    taken.verdict("chain", not why, f"The certificate at port {port} does not hold: {why}.")
    days = (leaf.not_valid_after_utc - datetime.now(UTC)).days
    ends = leaf.not_valid_after_utc.date().isoformat()
    taken.value("days_left", days, f"The certificate at port {port} ends {ends}.", unit="d")
    names = [attribute.value for attribute in leaf.subject]
    taken.verdict("names_unit", about.unit in names, f"The certificate is of {', '.join(map(str, names))[:80]}.")
    wanted = (
        about.given.get(parameters.get("given", ""))
        if parameters.get("given")
        else next(iter(about.given.values()), None)
    )
    same = wanted == hashlib.sha256(shown).hexdigest()
    lost = "No programming at this station says which certificate the unit was given."
    taken.verdict("as_given", same, "The certificate is another one than the unit was given." if wanted else lost)
    key = leaf.public_key().public_bytes(serialization.Encoding.DER, serialization.PublicFormat.SubjectPublicKeyInfo)
    taken.claim("unique", "public-key", hashlib.sha256(key).hexdigest())
    return taken


def _weakness(leaf) -> str:
    """Why the certificate's own key or signature holds nobody off today; empty where they do (BSI TR-02102-1, NIST SP 800-131A)."""
    key = leaf.public_key()
    bits, least = getattr(key, "key_size", 256), {"RSAPublicKey": RSA_BITS_MIN, "DSAPublicKey": RSA_BITS_MIN}
    wanted = next((most for name, most in least.items() if name in type(key).__name__), EC_BITS_MIN)
    if bits < wanted:
        return f"its key has {bits} bits, not {wanted}"
    signed = leaf.signature_hash_algorithm
    return f"it is signed with {signed.name}" if signed is not None and signed.name in WEAK_HASHES else ""


def _chain_fault(host: str, port: int, ca: str, shown: bytes) -> str:
    """Why the chain of that very certificate does not lead to the CA, in OpenSSL's words; empty where it does. No name is compared: a unit
    on a fixture has none."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    context.check_hostname = False
    context.minimum_version = ssl.TLSVersion.TLSv1
    context.set_ciphers(ANY_CIPHER)
    try:
        context.load_verify_locations(cadata=b64decode(ca, validate=True))
    except (ValueError, ssl.SSLError):
        raise NotCarriedOut("plan_wrong", "The plan's CA is no certificate in base64.") from None
    with connect(host, port) as link:
        try:
            with context.wrap_socket(link) as wrapped:
                # without a certificate, too, a handshake may end well
                return "" if wrapped.getpeercert(binary_form=True) == shown else "the unit shows more than one"
        except ssl.SSLCertVerificationError as error:
            return error.verify_message
        except TimeoutError:
            raise NotCarriedOut("no_answer", f"Port {port} does not end its handshake.") from None
        except OSError as error:
            return type(error).__name__


def version(about: About, parameters: dict[str, str]) -> Taken:
    """The version that the unit says of itself through its API or command line, against the one that is permitted."""
    over, taken = parameters["over"], Taken()
    pattern = parameters.get("pattern") or r"([0-9]+\.[0-9]+\.[0-9]+[-+.0-9A-Za-z]*)"
    if over in ("http", "https"):
        answer = ask_web(about.host, port_of(parameters), parameters.get("path", "/"), tls=over == "https")
        text = answer.body.decode("utf-8", "replace")[:4_000] if answer.status == 200 else ""
        taken.note(f"{answer.status} {text[:400]}")
    elif over == "console":
        text = "\n".join(consoles.asked(about, parameters))
        taken.note(text)
    else:
        raise NotCarriedOut("plan_wrong", "A version is read over http, https or console.")
    try:
        found = re.search(pattern, text)
    except re.error:
        raise NotCarriedOut("plan_wrong", "The plan's pattern is none.") from None
    said = (found[1] if found.groups() else found[0])[:80] if found else ""
    wanted = about.versions.get(parameters.get("role") or "app", "")
    taken.value("says", said or "nothing", "The unit says another version than the plan expects.")
    why = f"The unit says it runs {said or 'nothing'}, the order has {wanted or 'no such image'}."
    taken.verdict("as_permitted", bool(said) and said == wanted, why)
    return taken


def round_trip(about: About, parameters: dict[str, str]) -> Taken:
    """Bytes go in clear to the unit, come back as cipher, go in as cipher, come back as they were; never the same cipher twice, and a
    changed one is refused. What is always the same byte shows what only looks like a cipher: its pieces come twice. A cipher that is
    good in all of this need not be one: which it is, the design has to say."""
    port, tls_on, taken = port_of(parameters), parameters.get("over", "https") != "http", Taken()

    def ask(path: str, body: bytes):
        return ask_web(about.host, port, parameters[path], tls=tls_on, body=body)

    clear = os.urandom(64)
    first, second = ask("encrypt", clear), ask("encrypt", clear)
    if first.status != 200 or second.status != 200 or not first.body:
        raise NotCarriedOut("no_answer", f"The unit does not encrypt: it answers {first.status}.")
    plain = ask("encrypt", bytes(len(clear)))
    if plain.status != 200 or not plain.body:
        raise NotCarriedOut("no_answer", f"The unit encrypts random bytes, but not zeros: it answers {plain.status}.")
    back = ask("decrypt", first.body)
    changed = bytearray(first.body)
    changed[len(changed) // 2] ^= 1
    bad = ask("decrypt", bytes(changed))
    taken.note(f"{len(clear)} bytes in clear, {len(first.body)} as cipher; decrypt {back.status}, changed {bad.status}")
    taken.verdict(
        "returns", back.status == 200 and back.body == clear, "What the unit encrypted does not come back as it was."
    )
    shows = any(clear[at : at + 8] in body for body in _readings(first.body) for at in range(0, len(clear), 8)) or any(
        _repeats(body) for body in _readings(plain.body)
    )
    taken.verdict("hidden", not shows, "The unit's cipher still holds what was to be hidden.")
    taken.verdict("fresh", first.body != second.body, "The unit encrypts the same bytes to the same cipher.")
    taken.verdict("tamper_refused", bad.status >= 400, "The unit takes a cipher that was changed.")
    return taken


def _readings(body: bytes) -> list[bytes]:
    """A body as it is, and where it is written in hex or base64 what it says."""
    found, text = [body], b"".join(body.split())
    if re.fullmatch(rb"(?:[0-9a-fA-F]{2})+", text):
        found.append(bytes.fromhex(text.decode()))
    if re.fullmatch(rb"[A-Za-z0-9+/_-]+={0,2}", text):
        usual = text.rstrip(b"=").translate(bytes.maketrans(b"-_", b"+/"))
        found.append(b64decode(usual[: len(usual) - (len(usual) % 4 == 1)] + b"=" * (-len(usual) % 4)))
    return found


def _repeats(body: bytes) -> bool:
    """Whether eight bytes come twice, which a cipher's do once in 2^50."""
    pieces = [body[at : at + 8] for at in range(len(body) - 7)]
    return len(set(pieces)) < len(pieces)
