"""Tables of SBOM documents and of what they list. Components and edges are read out of the kept bytes, and can be again."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel

NAME_KEY_CHARACTERS = 200
"""How much of a name its index holds; a name that is longer is compared whole after."""


class PackageVersion(TenantModel):
    """A component as it is called in any number of SBOMs. `key` is the SHA-256 of what tells it from others.

    `purl` stands as first written, `purl_canonical` is its canonical form or empty; `name_key` and `purl_name_key` are the
    name and the name within the purl, in lower case. `further` are its other purls, CPEs and repositories with commit, a JSON list of
    [kind, value], or empty.
    """

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    key = models.BinaryField()
    purl = models.TextField()
    purl_canonical = models.TextField()
    cpe = models.TextField()
    group = models.TextField()
    name = models.TextField()
    version = models.TextField()
    maker = models.TextField()
    commit = models.TextField()
    vcs = models.TextField()
    kind = models.TextField()
    name_key = models.CharField(max_length=NAME_KEY_CHARACTERS)
    purl_name_key = models.CharField(max_length=NAME_KEY_CHARACTERS)
    further = models.TextField(default="", db_default="")

    class Meta:
        db_table = "components_package_version"
        constraints = [models.UniqueConstraint(fields=["tenant", "key"], name="components_package_key")]
        indexes = [
            models.Index(fields=["tenant", "name_key"], name="components_package_name"),
            models.Index(fields=["tenant", "purl_name_key"], name="components_package_purl"),
        ]


class Sbom(TenantModel):
    """One SBOM of a binding: a firmware release (product, role, version), a hardware revision, or a part with or without lot.

    `image` is the SHA-256 of the release's image that it is of, None where it was bound by name alone; `bound_by` says who named it: the
    one who added it by name or by image, or the document by the hash of its main component. `place` counts the SBOMs of the binding, 1, 2, 3; the standing one with the highest number is current. `reader` is the
    version of our readers; `document` what the header says, as JSON; `link` serial number and version of a CycloneDX document, as others
    point at it (formats.bom_links), or empty.
    """

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    ulid = models.CharField(max_length=26)
    product = models.IntegerField(null=True)
    role = models.CharField(max_length=60)
    version = models.CharField(max_length=120)
    revision = models.IntegerField(null=True)
    part = models.IntegerField(null=True)
    lot = models.CharField(max_length=120)
    image = models.BinaryField(null=True)
    bound_by = models.CharField(max_length=20, default="")
    place = models.IntegerField()
    file = models.CharField(max_length=255)
    sha256 = models.CharField(max_length=80)
    format = models.CharField(max_length=20)
    spec_version = models.CharField(max_length=20)
    serialisation = models.CharField(max_length=20)
    reader = models.IntegerField()
    components = models.IntegerField()
    document = models.TextField()
    operator = models.IntegerField(null=True)
    happened_at = models.BigIntegerField()
    entry = models.IntegerField()
    row = models.IntegerField()
    until_entry = models.IntegerField(null=True)
    link = models.CharField(max_length=50, default="", db_default="")

    class Meta:
        db_table = "components_sbom"
        constraints = [models.UniqueConstraint(fields=["tenant", "ulid"], name="components_sbom_ulid")]
        indexes = [
            models.Index(fields=["tenant", "product", "role", "version"], name="components_sbom_release"),
            models.Index(fields=["tenant", "revision"], name="components_sbom_revision"),
            models.Index(fields=["tenant", "part", "lot"], name="components_sbom_part"),
            models.Index(fields=["tenant", "sha256"], name="components_sbom_bytes"),
        ]


class SbomComponent(TenantModel):
    """A component of an SBOM at its place: 0 is the subject, the others stand in the document's order.

    `parent` is the place of the component that contains it, -1 at the top. `licences` and `hashes` are JSON lists, `said` a
    JSON object of what else the one form holds.
    """

    pk = models.CompositePrimaryKey("tenant", "sbom", "place")
    sbom = models.IntegerField()
    place = models.IntegerField()
    package_version = models.IntegerField()
    parent = models.IntegerField()
    ref = models.TextField()
    kind = models.TextField()
    scope = models.TextField()
    supplier = models.TextField()
    licences = models.TextField()
    hashes = models.TextField()
    said = models.TextField()

    class Meta:
        db_table = "components_sbom_component"
        indexes = [
            models.Index(fields=["tenant", "package_version"], name="components_sbom_package"),
            # few components say hashes; a condition that is to use it is written as it is here: NOT (hashes = '[]')
            models.Index(fields=["tenant", "sbom"], name="components_sbom_hashed", condition=~models.Q(hashes="[]")),
        ]


class SbomDependency(TenantModel):
    """An edge of an SBOM: the component at `place` depends on the one at `on_place`."""

    pk = models.CompositePrimaryKey("tenant", "sbom", "place", "on_place")
    sbom = models.IntegerField()
    place = models.IntegerField()
    on_place = models.IntegerField()

    class Meta:
        db_table = "components_sbom_dependency"
