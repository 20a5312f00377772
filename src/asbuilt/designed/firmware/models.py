"""Table of firmware releases."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Release(TenantModel):
    """A firmware release of a product in an image role. `rank` is its place in the release order of product and role."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    product = models.IntegerField()
    role = models.CharField(max_length=60)
    version = models.CharField(max_length=120)
    sha256 = models.BinaryField()
    revisions = models.TextField()
    released_at = models.BigIntegerField(null=True)
    security_relevant = models.BooleanField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "firmware_release"
        indexes = [
            models.Index(fields=["tenant", "product", "role", "version"], name="firmware_release_version"),
            models.Index(fields=["tenant", "version"], name="firmware_release_any"),
            models.Index(fields=["tenant", "sha256"], name="firmware_release_image"),
        ]


class _Kept(TenantModel):
    """A row of an exchange table, its cells as the fact holds them; `operator` is a person's number."""

    pk = models.CompositePrimaryKey("tenant", "entry", "row")
    entry = models.IntegerField()
    row = models.IntegerField()
    operator = models.IntegerField(null=True)
    until_entry = models.IntegerField(null=True)

    class Meta:
        abstract = True


class _OfRelease(_Kept):
    """Something said of one image of a product, by its code, image role and version."""

    product = models.CharField(max_length=120)
    role = models.CharField(max_length=60)
    version = models.CharField(max_length=120)

    class Meta:
        abstract = True


class TrustVersion(_Kept):
    """One version of the tenant's trust store; `document` is the signed envelope (kernel.trust)."""

    version = models.CharField(max_length=20)
    sha256 = models.CharField(max_length=80)
    document = models.TextField()
    happened_at = models.CharField(max_length=40)

    class Meta:
        db_table = "firmware_trust_store"


class ReleaseDraft(_OfRelease):
    """What a release is to be: what its signers sign (kernel.releases), word for word."""

    sha256 = models.CharField(max_length=80)
    sha512 = models.CharField(max_length=140)
    length = models.CharField(max_length=20)
    revisions = models.TextField()
    security_relevant = models.CharField(max_length=10)
    change_log = models.TextField()
    built_by = models.CharField(max_length=200)
    created_at = models.CharField(max_length=40)
    supported_until = models.CharField(max_length=20)
    boot = models.TextField()
    device_encrypted = models.TextField()
    provenance = models.CharField(max_length=80)

    class Meta:
        db_table = "firmware_release_draft"
        indexes = [models.Index(fields=["tenant", "product", "role", "version"], name="firmware_release_draft_of")]


class ReleaseSignature(_OfRelease):
    """A signature of a draft's statement, base64, by a key of a version of the trust store."""

    key_id = models.CharField(max_length=32)
    signature = models.CharField(max_length=200)
    trust_version = models.CharField(max_length=20)
    signed_at = models.CharField(max_length=40)

    class Meta:
        db_table = "firmware_release_signature"
        indexes = [models.Index(fields=["tenant", "product", "role", "version"], name="firmware_release_signature_of")]


class ReleaseState(_OfRelease):
    """A draft was released under a version of the trust store; a release was withdrawn, and why."""

    state = models.CharField(max_length=20)
    trust_version = models.CharField(max_length=20)
    reason = models.TextField()
    happened_at = models.CharField(max_length=40)

    class Meta:
        db_table = "firmware_release_state"
        indexes = [models.Index(fields=["tenant", "product", "role", "version"], name="firmware_release_state_of")]


class Image(TenantModel):
    """Image bytes, stored once by their SHA-256: encrypted, as evidence `stored_sha256`, under a key of their own.

    `wrapped_key` is that key under the tenant's key-encryption key `wrapped_by`; `recovery` is a JSON list of it sealed
    for each recovery key (base64). Both empty once the image was erased, by entry `erased_by`.
    """

    pk = models.CompositePrimaryKey("tenant", "sha256")
    sha256 = models.CharField(max_length=80)
    length = models.BigIntegerField()
    stored_sha256 = models.CharField(max_length=80)
    wrapped_key = models.BinaryField(null=True)
    wrapped_by = models.CharField(max_length=200)
    recovery = models.TextField()
    entry = models.IntegerField()
    erased_by = models.IntegerField(null=True)

    class Meta:
        db_table = "firmware_image"
