"""Words: the station's texts in the language of its operators, without Django.

What a screen is made of stands in the product's catalogue, sentences of refusals in one of the station's own (`station.po`);
both are packed with the program. A record and a line for a fixture stay English, so that a server reads one language; whoever
stands before the station reads theirs: a sentence is recognised by its form, in which `…` stands for a value, and said anew
around the same values. A sentence without a German one is shown as it is. Above it stands the reason in a few words (`in_short`).

The language is that of `--language`, else of station.json, else of the environment (LANGUAGE, LC_ALL, LANG), else English.
"""

import gettext as _gettext
import re
from functools import lru_cache
from pathlib import Path

LOCALES = Path(__file__).resolve().parents[1] / "locale"
VALUE = "…"
NESTED_MAX = 3
_chosen: list[str] = []


def use_language(language: str) -> None:
    """From now on this language (en, de); empty: as the environment says. Before the screen is loaded."""
    _chosen[:] = [language] if language else []


def gettext(text: str) -> str:
    """The text in the operator's language."""
    return _catalog("django", tuple(_chosen)).gettext(text)


def in_words(sentence: str) -> str:
    """A sentence of a refusal, a failure or a remedy in the operator's language, with the values that it names."""
    return _in_words(sentence, 0)


def _in_words(sentence: str, depth: int) -> str:
    if depth == NESTED_MAX:
        return sentence
    for form, said in _forms(tuple(_chosen)):
        found = form.fullmatch(sentence)
        if found:
            # a value may be a sentence itself: what the device did not answer, why the station stands
            return said.format(*(_in_words(value, depth + 1) for value in found.groups()))
    return sentence


@lru_cache(maxsize=4)
def _catalog(domain: str, languages: tuple[str, ...]) -> _gettext.NullTranslations:
    return _gettext.translation(domain, LOCALES, languages=languages or None, fallback=True)


@lru_cache(maxsize=4)
def _forms(languages: tuple[str, ...]) -> list[tuple[re.Pattern, str]]:
    """(form of the English sentence, the translation with its numbered places); what says more stands first."""
    catalog = _catalog("station", languages)
    # the class has no public list of its texts
    texts = {text: said for text, said in getattr(catalog, "_catalog", {}).items() if text}
    longest_first = sorted(texts, key=lambda text: (-len(text.replace(VALUE, "")), text))
    return [(_form(text), _numbered(texts[text])) for text in longest_first]


def _form(text: str) -> re.Pattern:
    return re.compile("(.*?)".join(map(re.escape, text.split(VALUE))), re.DOTALL)


def _numbered(said: str) -> str:
    """The same places in the same order; a translation that turns them round numbers them itself."""
    if VALUE not in said:
        return said
    first, *rest = said.replace("{", "{{").replace("}", "}}").split(VALUE)
    return first + "".join(f"{{{at}}}{part}" for at, part in enumerate(rest))


def in_short(reason: str) -> str:
    """A refusal's code or a failure's reason in a few words; empty for one that speaks for itself."""
    return _reasons(tuple(_chosen)).get(reason.removeprefix("station."), "")


@lru_cache(maxsize=4)
def _reasons(languages: tuple[str, ...]) -> dict[str, str]:
    return _programming_reasons() | _test_reasons()


def _programming_reasons() -> dict[str, str]:
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


def _test_reasons() -> dict[str, str]:
    return {
        "certificate_chain": gettext("Certificate does not hold"),
        "certificate_ends": gettext("Certificate ends too soon"),
        "certificate_name": gettext("Certificate of another unit"),
        "certificate_other": gettext("Other certificate than given"),
        "debug_open": gettext("Debug interface open"),
        "default_password": gettext("Default password works"),
        "device_test": gettext("The unit's own test failed"),
        "diagnostic_open": gettext("Diagnostic port open"),
        "encryption": gettext("Encryption wrong"),
        "file_result": gettext("The tester found a fault"),
        "fixture_calibration": gettext("Fixture not calibrated"),
        "fixture_other": gettext("Wrong fixture"),
        "fixture_worn": gettext("Fixture worn out"),
        "golden_due": gettext("Golden unit first"),
        "key_shared": gettext("Key of another unit"),
        "no_answer": gettext("No answer from the unit"),
        "no_test_plan": gettext("No test plan in the permit"),
        "not_booted": gettext("Start was not shown"),
        "port_missing": gettext("A port is missing"),
        "port_open": gettext("A port is open"),
        "retests_exhausted": gettext("Tested too often: set it aside"),
        "rights_missing": gettext("A tool lacks a right"),
        "secure_boot_not_shown": gettext("Secure boot was not shown"),
        "ssh_password": gettext("SSH takes passwords"),
        "ssh_policy": gettext("SSH against the policy"),
        "test_plan_other": gettext("Wrong test plan"),
        "tls_cipher": gettext("Weak cipher"),
        "tls_version": gettext("Old TLS version"),
        "tool_missing": gettext("A tool is missing"),
        "version_says": gettext("Wrong firmware version"),
        "without_evidence": gettext("Evidence is missing"),
    }
