"""How much of what a profile asks for a kept SBOM says: read again from its bytes, judged by `formats.sbom.quality`.

quality_seen(actor, "01J…", "cisa-2026")   -> Evaluation
"""

from asbuilt.access.actor import Actor
from asbuilt.access.rights import RECORD_READ
from asbuilt.designed.components import errors, queries
from asbuilt.formats.sbom.limits import Limits
from asbuilt.formats.sbom.quality import Evaluation, evaluate, profile_named
from asbuilt.formats.sbom.read import read_sbom
from asbuilt.ledger.evidence import open_evidence


def quality_seen(actor: Actor, name: str, profile: str) -> tuple[queries.Sbom, Evaluation]:
    """The SBOM of this name and each field of the profile. NotFound where there is no such SBOM or profile, and for a party."""
    actor.require(RECORD_READ)
    errors.refuse_party(actor)
    profile_named(profile)
    found = queries.sbom_named(actor.tenant, name)
    document = read_sbom(b"".join(open_evidence(actor.tenant, found.sha256)), limits=Limits())
    return found, evaluate(document, profile)
