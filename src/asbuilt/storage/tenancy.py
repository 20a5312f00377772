"""Tenancy: every row belongs to one tenant, and a query that does not say which one raises.

`Model.objects.of(tenant)` is the only way in; anything else ends in `UnscopedQuery`. It fails closed: a forgotten scope is
a crash in the first test, never somebody else's record on a page.
"""

from django.db import models


class UnscopedQuery(RuntimeError):
    """A query on a tenant's table did not name the tenant. A bug of ours, never the user's."""


class ScopedQuerySet(models.QuerySet):
    """A query set that runs only after `of(tenant)`."""

    _tenant: int | None = None

    def of(self, tenant: int) -> "ScopedQuerySet":
        """The rows of one tenant."""
        scoped = self.filter(tenant=tenant)
        scoped._tenant = tenant
        return scoped

    def _clone(self):
        clone = super()._clone()
        clone._tenant = self._tenant
        return clone

    def _scoped(self) -> None:
        if self._tenant is None:
            raise UnscopedQuery(f"{self.model.__name__}: say .of(tenant) first")

    def _fetch_all(self):
        self._scoped()
        super()._fetch_all()

    def iterator(self, *args, **kwargs):
        self._scoped()
        return super().iterator(*args, **kwargs)

    def count(self):
        self._scoped()
        return super().count()

    def exists(self):
        self._scoped()
        return super().exists()

    def aggregate(self, *args, **kwargs):
        self._scoped()
        return super().aggregate(*args, **kwargs)

    def update(self, **kwargs):
        self._scoped()
        return super().update(**kwargs)

    def delete(self):
        self._scoped()
        return super().delete()


class TenantModel(models.Model):
    """A table whose rows belong to a tenant; the tenant leads its key, its unique constraints and its indexes."""

    tenant = models.IntegerField()

    objects = ScopedQuerySet.as_manager()

    class Meta:
        abstract = True
