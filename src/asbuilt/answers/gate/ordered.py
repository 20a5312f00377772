"""Work that a hold orders itself, which it does not stop: releases that may be programmed onto its units, steps that they may pass.

A field action holds what is in house until it is updated; the hold names the release by which it is. Another release, another step, whatever
else holds the unit, and packing stay as they are: one hold lets nothing through another.
"""

from collections.abc import Iterable

from asbuilt.answers.gate.stops import is_packing
from asbuilt.built.production.holds import ReleaseAllowed
from asbuilt.built.programming.drafts import PermitDraft
from asbuilt.built.programming.permits import grants
from asbuilt.designed.firmware.register import registered
from asbuilt.kernel.permits import Permit


def lets_images(allowed: Iterable[ReleaseAllowed], images: Iterable[ReleaseAllowed]) -> bool:
    """Whether a hold that allows these releases lets such images onto its units: every one of them is allowed, to the byte."""
    asked = set(images)
    return bool(asked) and asked <= set(allowed)


def lets_step(steps: Iterable[str], step: str) -> bool:
    """Whether a hold that allows these steps lets its units pass this one; never past the packing."""
    return bool(step) and step in steps and not is_packing(step)


def images_of(permit: Permit) -> list[ReleaseAllowed]:
    """What a permit programs."""
    return [ReleaseAllowed(permit.product, one.role, one.version, one.sha256) for one in permit.images]


def images_asked(tenant: int, draft: PermitDraft) -> list[ReleaseAllowed]:
    """What a permit would program that is asked for; none where it asks for what is not there, which issuing refuses."""
    found = []
    for seen in grants(tenant, draft.grant)[:1]:
        for image in draft.images:
            known = registered(tenant, seen.grant.product, image.role, image.version)
            if not known:
                return []
            found.append(ReleaseAllowed(seen.grant.product, image.role, image.version, known[0].statement.sha256))
    return found
