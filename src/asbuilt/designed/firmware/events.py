"""What this room records in the log."""

from asbuilt.ledger.shapes import Shape

RELEASE = Shape(
    "firmware.release/1",
    15,
    ("product", "version", "role", "image", "sha256", "revisions", "released_at", "security_relevant"),
)
TRUST_STORE = Shape("firmware.trust_store/1", 205, ("version", "sha256", "document", "operator", "happened_at"))
RELEASE_DRAFT = Shape(
    "firmware.release_draft/1",
    206,
    (
        "product", "role", "version", "sha256", "sha512", "length", "revisions", "security_relevant", "change_log",
        "built_by", "created_at", "supported_until", "boot", "device_encrypted", "provenance", "operator",
    ),
)  # fmt: skip
RELEASE_SIGNATURE = Shape(
    "firmware.release_signature/1",
    207,
    ("product", "role", "version", "key_id", "signature", "trust_version", "operator", "signed_at"),
)
RELEASE_STATE = Shape(
    "firmware.release_state/1",
    208,
    ("product", "role", "version", "state", "trust_version", "reason", "operator", "happened_at"),
)

TRUST_SET = "firmware.trust_set"
DRAFTED = "firmware.release_drafted"
SIGNED = "firmware.release_signed"
RELEASED = "firmware.released"
WITHDRAWN = "firmware.release_withdrawn"
IMAGE_ERASED = "firmware.image_erased"
ARCHIVE_TAKEN = "firmware.archive_taken"
IMAGE_SEALED_ANEW = "firmware.image_sealed_anew"
