"""Tables of tenants, people, logins, tokens, badges, one-time links and attempts to sign in."""

from django.db import models

from asbuilt.storage.tenancy import TenantModel


class Tenant(models.Model):
    """A company that keeps its record here. `number` leads every key of its rows."""

    number = models.AutoField(primary_key=True)
    ulid = models.CharField(max_length=26, unique=True)
    slug = models.CharField(max_length=40, unique=True)
    name = models.CharField(max_length=200)
    time_zone = models.CharField(max_length=60, default="UTC")
    operator_questions = models.BooleanField(default=False)
    opened_at = models.BigIntegerField()

    class Meta:
        db_table = "access_tenant"


class Person(TenantModel):
    """A person of a tenant. `code` is what the floor calls them (no secret); code and name are emptied when erased.

    The mail address stands hidden in the entry `mail_entry`.
    """

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    code = models.CharField(max_length=120, null=True)
    name = models.CharField(max_length=200, null=True)
    entry = models.IntegerField()
    erased_by = models.IntegerField(null=True)
    mail_entry = models.IntegerField(null=True)

    class Meta:
        db_table = "access_person"
        constraints = [models.UniqueConstraint(fields=["tenant", "code"], name="access_person_code")]


class Login(TenantModel):
    """How a person signs in: login name, slow password hash, roles as words, the party a party reader belongs to."""

    pk = models.CompositePrimaryKey("tenant", "person")
    person = models.IntegerField()
    name = models.CharField(max_length=120)
    password = models.CharField(max_length=200)
    roles = models.CharField(max_length=200)
    party = models.IntegerField(null=True)
    active = models.BooleanField(default=True)
    last_seen_at = models.BigIntegerField(null=True)
    entry = models.IntegerField()

    class Meta:
        db_table = "access_login"
        constraints = [models.UniqueConstraint(fields=["tenant", "name"], name="access_login_name")]


class ApiToken(TenantModel):
    """A token for programs, kept as a hash. Without `roles` it has its person's, never more than these."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    hash = models.CharField(max_length=64)
    name = models.CharField(max_length=120)
    person = models.IntegerField(null=True)
    roles = models.CharField(max_length=200)
    issued_at = models.BigIntegerField()
    expires_at = models.BigIntegerField()
    last_used_at = models.BigIntegerField(null=True)
    revoked_by = models.IntegerField(null=True)
    entry = models.IntegerField()

    class Meta:
        db_table = "access_api_token"
        constraints = [models.UniqueConstraint(fields=["tenant", "hash"], name="access_api_token_hash")]


class Badge(TenantModel):
    """A badge for programming stations, kept as the hash that bulletins name; a person has one that was not revoked."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    hash = models.CharField(max_length=64)
    person = models.IntegerField()
    issued_at = models.BigIntegerField()
    revoked_by = models.IntegerField(null=True)
    entry = models.IntegerField()

    class Meta:
        db_table = "access_badge"
        constraints = [
            models.UniqueConstraint(fields=["tenant", "hash"], name="access_badge_hash"),
            models.UniqueConstraint(
                fields=["tenant", "person"], condition=models.Q(revoked_by=None), name="access_badge_person"
            ),
        ]


class OneTimeLink(TenantModel):
    """A link that lets one person in once: `first` makes an administrator, `invite` sets login and password."""

    pk = models.CompositePrimaryKey("tenant", "number")
    number = models.IntegerField()
    hash = models.CharField(max_length=64)
    purpose = models.CharField(max_length=20)
    person = models.IntegerField(null=True)
    roles = models.CharField(max_length=200)
    party = models.IntegerField(null=True)
    expires_at = models.BigIntegerField()
    used_at = models.BigIntegerField(null=True)
    entry = models.IntegerField()

    class Meta:
        db_table = "access_one_time_link"
        constraints = [models.UniqueConstraint(fields=["tenant", "hash"], name="access_one_time_link_hash")]


class Attempt(TenantModel):
    """Attempts to sign in, by login or by address, since `began_at`; the subject is keyed, so that no address is kept.

    Tenant 0 counts addresses, which belong to no tenant.
    """

    pk = models.CompositePrimaryKey("tenant", "subject")
    subject = models.CharField(max_length=64)
    began_at = models.BigIntegerField()
    count = models.IntegerField()

    class Meta:
        db_table = "access_attempt"
