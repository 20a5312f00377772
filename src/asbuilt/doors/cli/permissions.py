"""`asbuilt permit sign`, and what `asbuilt verify` says of grants, permits and end certificates.

No database, no network, no Django: the brand owner's key need never be on a machine that has either. What is signed is read
strictly first, so that nobody signs what no station would take; a permit is held against its grant.
"""

from pathlib import Path
from typing import Annotated

import typer

from asbuilt.doors.cli.printing import Format, print_json, print_table, say
from asbuilt.kernel.errors import Conflict, Invalid, NotFound

app = typer.Typer(no_args_is_help=True)
FILE_BYTES_MAX = 32 * 1024**2


@app.callback()
def permit() -> None:
    """Grants and permits to program units."""


@app.command("sign")
def sign(
    file: Annotated[
        Path, typer.Argument(help="A grant or permit as JSON, or a signed one that gets a further signature.")
    ],
    key: Annotated[str, typer.Option(help="The signer's private key: a PEM file (Ed25519), or a pkcs11: URI (P-256).")],
    output: Annotated[Path, typer.Option(help="Where the signed document goes; nothing there is overwritten.")],
    grant: Annotated[Path | None, typer.Option(help="Of a permit: its signed grant.")] = None,
) -> None:
    """Sign a grant or a permit: no database, no network."""
    from asbuilt.doors.cli.signing import signer_of
    from asbuilt.kernel import envelope, permits

    unsigned = _unsigned(_read(file, FILE_BYTES_MAX))
    # what no station would take is refused before a token is asked for anything
    if unsigned.payload_type == permits.GRANT_TYPE:
        permits.parse_grant(unsigned.payload)
    else:
        permits.parse_permit(unsigned.payload)
    signer = signer_of(key)
    if unsigned.payload_type == permits.PERMIT_TYPE:
        _hold_against(unsigned.payload, grant, signer.public)
    signature = signer.sign(envelope.pae(unsigned.payload_type, unsigned.payload))
    document = envelope.envelope_bytes(envelope.with_signature(unsigned, signer.public, signature))
    if output.exists():
        said = f"{output} is there already."
        raise Conflict("cli.output_exists", said, {"file": str(output)}, "Name another file, or move that one away.")
    output.write_bytes(document + b"\n")
    say(f"{output} is signed with key {signer.public.key_id}.")


def is_permission(content: bytes) -> bool:
    """Whether a file is a signed grant, permit or end certificate."""
    from asbuilt.kernel import envelope, permits

    kinds = (permits.GRANT_TYPE, permits.PERMIT_TYPE, permits.END_TYPE)
    return content.lstrip()[:1] == b"{" and envelope.parse(content).payload_type in kinds


def tell_permission(file: Path, content: bytes, beside: list[bytes], keys: list, format: Format) -> None:
    """Check it with what lies beside and say what it is; raises the first thing that does not hold."""
    said = _checked(content, beside, keys)
    if format is Format.json:
        print_json({"holds": True, "file": str(file), **said})
        return
    say(f"{file} holds.")
    print_table(
        ("what", "value"), [(name, value) for name, value in said.items() if name not in ("proves", "cannot_prove")]
    )
    print(said["proves"])
    if said["cannot_prove"]:
        print(said["cannot_prove"])


def _checked(content: bytes, beside: list[bytes], keys: list) -> dict:
    from asbuilt.kernel import envelope, permits
    from asbuilt.kernel.instants import format_instant

    documents = {kind: [] for kind in (permits.GRANT_TYPE, permits.PERMIT_TYPE, permits.END_TYPE)}
    planned, signed = _plans(beside)
    for one in [content, *signed]:
        documents.setdefault(envelope.parse(one).payload_type, []).append(one)
    if len(documents[permits.GRANT_TYPE]) != 1:
        said = "A permit or end certificate is checked down from its grant."
        raise NotFound("cli.no_grant", said, {}, "Give the one signed grant with --with FILE.")
    grant = permits.open_grant(documents[permits.GRANT_TYPE][0], brand_owner_keys=keys)
    found = [permits.open_permit(one, grant=grant) for one in documents[permits.PERMIT_TYPE]]
    unplanned = [one.permit_id for one in found if not _check_planned(one, planned)]
    ends = [_end(one, found) for one in documents[permits.END_TYPE]]
    left = permits.check_split(grant, found, ends)
    kind = envelope.parse(content).payload_type
    common = {"grant": grant.grant_id, "brand owner": grant.brand_owner, "ems": grant.ems, "product": grant.product}
    if kind == permits.GRANT_TYPE:
        more = {"units": grant.units, "left for further permits": left, "until": format_instant(grant.not_after)}
        return {"kind": "grant", **common, **more, "proves": permits.GRANT_PROVES, "cannot_prove": _unproved(unplanned)}
    if kind == permits.PERMIT_TYPE:
        one = found[0]
        more = {
            "permit": one.permit_id,
            "order": one.work_order,
            "units": one.units,
            "until": format_instant(one.not_after),
        }
        cannot = _unproved([one.permit_id] if one.permit_id in unplanned else [])
        return {"kind": "permit", **common, **more, "proves": permits.PERMIT_PROVES, "cannot_prove": cannot}
    end = ends[0]
    states = {state: end.counted(state) for state in permits.UNIT_STATES}
    more = {"permit": end.permit_id, "station": end.station, "closed": end.closed, "units spent": end.spent, **states}
    return {
        "kind": "end certificate", **common, **more, "proves": permits.END_PROVES,
        "cannot_prove": " ".join(filter(None, (permits.END_CANNOT_PROVE, _unproved(unplanned)))),
    }  # fmt: skip


def _plans(beside: list[bytes]) -> tuple[dict, list[bytes]]:
    """(plans by their SHA-256, the signed documents) of what lies beside."""
    from asbuilt.kernel import plans
    from asbuilt.kernel.canonical import canonical_bytes, parse_strict

    planned, signed = {}, []
    for one in beside:
        said = parse_strict(one, decimals=False, bytes_max=FILE_BYTES_MAX, nesting_max=10)
        if type(said) is dict and "payloadType" not in said and "plan" in said:
            plan = plans.parse_plan(canonical_bytes(said))
            planned[plan.sha256] = plan
        else:
            signed.append(one)
    return planned, signed


def _check_planned(permit, planned: dict) -> bool:
    """Whether it is known that enough issuers signed what the permit's plan does; Refused where too few did."""
    from asbuilt.kernel import permits, plans

    plan = planned.get(permit.plan_sha256)
    if plan is not None:
        plans.check_plan(plan, permit)
    return plan is not None or permit.issuers_signed >= permits.IRREVERSIBLE_ISSUERS


def _unproved(unplanned: list[str]) -> str:
    if not unplanned:
        return ""
    return f"Whether permit {', '.join(unplanned[:3])} burns fuses, which two issuers must sign: give its plan with --with FILE."


def _end(document: bytes, found: list):
    from asbuilt.kernel import envelope, permits

    named = permits.parse_end(envelope.parse(document, bytes_max=2 * permits.END_BYTES_MAX).payload).permit_id
    permit = next((one for one in found if one.permit_id == named), None)
    if permit is None:
        said = f"The permit {named} of the end certificate is not here."
        raise NotFound("cli.no_permit_beside", said, {"permit_id": named}, "Give the signed permit with --with FILE.")
    return permits.open_end(document, permit=permit)


def _unsigned(content: bytes):
    """The envelope to sign: of a signed document itself, of plain JSON one without a signature."""
    from asbuilt.kernel import envelope, permits
    from asbuilt.kernel.canonical import canonical_bytes, parse_strict

    plain = parse_strict(content, decimals=False, bytes_max=FILE_BYTES_MAX, nesting_max=10)
    if type(plain) is dict and "payloadType" in plain:
        signed = envelope.parse(content)
        if signed.payload_type in (permits.GRANT_TYPE, permits.PERMIT_TYPE):
            return signed
        raise _neither()
    if type(plain) is not dict or not {"permit_id", "issuers"} & set(plain):
        raise _neither()
    kind = permits.PERMIT_TYPE if "permit_id" in plain else permits.GRANT_TYPE
    return envelope.Envelope(kind, canonical_bytes(plain), ())


def _hold_against(payload: bytes, grant: Path | None, public) -> None:
    from asbuilt.kernel import envelope, permits

    permit = permits.parse_permit(payload)
    if grant is None:
        said = "A permit is signed beside its grant."
        raise NotFound("cli.no_grant", said, {}, "Give the signed grant with --grant FILE.")
    # whose key signed the grant is for the verifier to know; here it only says what the permit may hold
    found = permits.parse_grant(envelope.parse(_read(grant, FILE_BYTES_MAX)).payload)
    permits.check_split(found, [permit])
    if public not in found.issuers:
        said = "The grant does not name this key as an issuer."
        raise Invalid("cli.not_an_issuer", said, {"key_id": public.key_id}, "Sign with a key that the grant names.")


def _neither() -> Invalid:
    said = "The file is neither a grant nor a permit."
    return Invalid("cli.not_a_permission", said, {}, "Give the JSON of a grant or permit, or a signed one.")


def _read(file: Path, most: int) -> bytes:
    if not file.is_file():
        raise NotFound("cli.no_file", f"There is no file {file}.", {"file": str(file)}, "Look at its name and place.")
    if file.stat().st_size > most:
        raise Invalid("cli.file_too_large", f"{file} is larger than {most:,} bytes.", {}, "Give the document itself.")
    return file.read_bytes()
