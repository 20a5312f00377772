"""A house that publishes: who it is, its key, and a case about boards that run firmware with a flaw. What tests of publishing share."""

import json

HOST = "psirt.brand.example"
BASE = f"https://{HOST}/.well-known/csaf"
TEXTS = {
    "scope": ("All boards that we made.", "Alle Platinen, die wir gebaut haben."),
    "report_contents": ("Product, version, steps.", "Produkt, Version, Schritte."),
    "assurance": ("We take no legal steps.", "Wir gehen nicht rechtlich vor."),
    "conduct": ("Do no harm.", "Richten Sie keinen Schaden an."),
    "publication": ("CSAF advisories with a CVE number.", "CSAF-Meldungen mit CVE-Nummer."),
    "credit": ("We name you if you wish.", "Wir nennen Sie auf Wunsch."),
    "upstream": ("We tell the makers of components.", "Wir sagen es den Herstellern der Komponenten."),
    "multi_party": ("We coordinate with others.", "Wir stimmen uns mit anderen ab."),
    "end": ("It ends with the advisory.", "Es endet mit der Meldung."),
}
PUBLISHER = {
    "name": "Brand AG", "namespace": "https://brand.example", "prefix": "BRAND", "psirt_mail": "psirt@brand.example",
    "csirt_mail": "csirt@brand.example", "csirt_name": "CERT-Bund", "csirt_url": "https://www.bsi.bund.de",
    "csirt_key_url": "https://brand.example/csirt.asc", "other_channel": "+49 30 1234567", "ack_days": 3, "triage_days": 10, "update_days": 14,
    "embargo_days": 90, "owner": "Product security", "review_on": "2099-01-01", "languages": ["en", "de"],
    "texts": {point: {"en": english, "de": german} for point, (english, german) in TEXTS.items()},
}  # fmt: skip


def publisher(**more) -> bytes:
    """The publisher as a document, with these fields otherwise."""
    return json.dumps({**PUBLISHER, **more}).encode()


def set_up(actor) -> str:
    """Say who publishes and make a key; returns its fingerprint."""
    from asbuilt.answers.cases.publishing.actions.presenting import make_key, say_publisher

    say_publisher(actor, content=publisher())
    return make_key(actor)


def published(actor, **said) -> str:
    """Draft, approve and publish; returns the advisory's code."""
    from asbuilt.answers.cases.publishing.actions import advising
    from asbuilt.answers.cases.publishing.seen import advisory_seen

    code = advising.draft_advisory(actor, **{"kind": "advisory", **said})
    advising.approve_advisory(actor, advisory=code, draft=advisory_seen(actor, code)["draft"])
    advising.publish_advisory(actor, advisory=code, summary="First issue.")
    return code
