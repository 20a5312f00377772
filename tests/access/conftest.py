"""People of tenant `main`: the first administrator, whoever a test lets in, and the shared cast."""

import pytest
from cast import cast, cast_home  # noqa: F401

PASSWORD = "nine reels of solder"


@pytest.fixture
def password() -> str:
    """A password that the rules take."""
    return PASSWORD


@pytest.fixture
def administrator(home):
    """The first administrator, let in by the first link."""
    from asbuilt.access.actions import accept_link, first_link

    return accept_link(first_link(), name="Ada Lis", login="ada@ostwerk.example", password=PASSWORD)


@pytest.fixture
def let_in(administrator):
    """let_in("H. Brandt", "h.brandt", ["engineer"]) -> the actor of a new person."""
    from asbuilt.access.actions import accept_link, invite

    def person(name: str, login: str, roles: list[str], party: int | None = None):
        _, secret = invite(administrator, name=name, roles=roles, party=party)
        return accept_link(secret, name=name, login=login, password=PASSWORD)

    return person


@pytest.fixture
def everything_stored(home):
    """everything_stored() -> all values of all tables as one text, to search in."""

    def text() -> str:
        from django.db import connections

        connection = connections["default"]
        said = []
        with connection.cursor() as cursor:
            for table in connection.introspection.table_names(cursor):
                cursor.execute(f'SELECT * FROM "{table}"')
                said += [repr(bytes(v) if isinstance(v, memoryview) else v) for row in cursor.fetchall() for v in row]
        return "\n".join(said)

    return text
