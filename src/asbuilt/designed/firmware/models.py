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
