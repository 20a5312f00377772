"""Words: the station's texts in the language of its user, from the product's catalog, without Django.

A refusal's sentence names values and is written in English in records and on the screen; what the operator must understand
at once, the reason in a few words, stands above it in their language (`in_short`).
"""

import gettext as _gettext
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).resolve().parents[1] / "locale"


@lru_cache(maxsize=1)
def _catalog() -> _gettext.NullTranslations:
    # the languages of the environment (LANGUAGE, LC_ALL, LANG), English where none fits
    return _gettext.translation("django", LOCALES, fallback=True)


def gettext(text: str) -> str:
    """The text in the user's language."""
    return _catalog().gettext(text)


def in_short(reason: str) -> str:
    """A refusal's code or a failure's reason in a few words; empty for one that speaks for itself."""
    return _reasons().get(reason.removeprefix("station."), "")


@lru_cache(maxsize=1)
def _reasons() -> dict[str, str]:
    return {
        "alarm_stands": gettext("The station is stopped"),
        "attempts_exhausted": gettext("Tried too often: set it aside"),
        "authority_token": gettext("The token does not sign"),
        "badge_unknown": gettext("Unknown badge"),
        "badge_expired": gettext("Badge ended"),
        "boot_counter": gettext("Other security counter"),
        "boot_digest": gettext("Other boot digest"),
        "boot_key": gettext("Signed for another boot key"),
        "boot_rejected": gettext("Does not start"),
        "boot_version": gettext("Other version inside the image"),
        "boots_changed_image": gettext("Starts a changed image"),
        "clock": gettext("The clock is wrong"),
        "duplicate_uid": gettext("This device was programmed before"),
        "fuse_conflict": gettext("Fuse burnt otherwise: scrap"),
        "image_hash": gettext("Wrong image"),
        "image_withdrawn": gettext("Firmware withdrawn"),
        "ledger_full": gettext("The disk is full"),
        "link_lost": gettext("Connection lost"),
        "lock_open": gettext("Not locked"),
        "no_permit": gettext("No permit for this order"),
        "no_target": gettext("No answer from the unit"),
        "offline_too_long": gettext("Too long without the server"),
        "operator_not_allowed": gettext("You may not program this"),
        "permit_expired": gettext("The permit ended"),
        "permit_revoked": gettext("The permit was revoked"),
        "protected": gettext("Write protected"),
        "quota_exhausted": gettext("The permitted number is reached"),
        "readback_mismatch": gettext("Wrong content after writing"),
        "second_person": gettext("A second person is needed"),
        "self_test": gettext("Self-test failed"),
        "timeout": gettext("The tool did not end"),
        "tool_not_allowed": gettext("This tool is not allowed"),
        "uid_invalid": gettext("The device has no identity"),
        "unit_held": gettext("On hold"),
        "unit_in_work": gettext("This device is in work already"),
        "version": gettext("Wrong firmware version"),
        "wrong_part": gettext("Wrong part"),
        "wrong_revision": gettext("Wrong hardware revision"),
        "wrong_site": gettext("Permit of another site"),
        "wrong_station": gettext("Permit of another station"),
    }
