"""Identity: who stands behind a login or a token, with the rights of this moment."""

from asbuilt.access import credentials, errors, queries
from asbuilt.access.actor import Actor, person_actor
from asbuilt.access.models import ApiToken, Login
from asbuilt.access.rights import ROLES
from asbuilt.ledger import clock
from asbuilt.storage.transactions import write_tx

USE_NOTED_US = 24 * 3600 * 1_000_000  # a write at each request would queue readers behind the tenant's one writer


def actor_of_login(login: Login) -> Actor:
    """The person behind an active login; one that is closed has no rights."""
    roles = frozenset(login.roles.split()) if login.active else frozenset()
    return person_actor(login.tenant, login.person, roles, login.party)


def actor_of_token(secret: str) -> Actor:
    """Who a token stands for, with no more than its person's roles of today; NotSignedIn where it is not valid."""
    tenant = credentials.tenant_in(credentials.TOKEN, secret)
    row = queries.token_of_hash(tenant, credentials.hash_of(secret)) if tenant else None
    if row is None or row.revoked_by is not None or row.expires_at <= clock.now():
        raise errors.token_unusable()
    _note_use(row)
    roles = frozenset(row.roles.split())
    if row.person is None:
        rights = frozenset().union(*(ROLES[role] for role in roles))
        return Actor(tenant, f"token:{row.number}", rights, roles=roles)
    login = queries.login_of_person(tenant, row.person)
    if login is None or not login.active:
        raise errors.token_unusable()
    own = frozenset(login.roles.split())
    return person_actor(tenant, row.person, own & roles if roles else own, login.party)


def _note_use(token: queries.TokenRow) -> None:
    now = clock.now()
    if token.last_used_at is None or token.last_used_at + USE_NOTED_US <= now:
        with write_tx(token.tenant):
            ApiToken.objects.of(token.tenant).filter(number=token.number).update(last_used_at=now)
