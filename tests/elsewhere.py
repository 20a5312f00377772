"""A second, empty home: for what leaves one and goes into another."""

import os
import shutil
import uuid
from urllib.parse import urlsplit, urlunsplit

import databases
import pytest


@pytest.fixture
def another_home(home, opened, tmp_path):
    """another_home() makes a second, empty home and enters it."""
    server, made = os.environ.get("ASBUILT_TEST_POSTGRESQL", ""), []

    def enter():
        name = f"asbuilt_t_{uuid.uuid4().hex[:12]}"
        folder = tmp_path / name
        shutil.copytree(opened.folder, folder / "home")
        shutil.copytree(opened.keys, folder / "keys")
        if server:
            databases.copy(server, opened.name, name)
            made.append(name)
        place = type(home)(folder, urlunsplit(urlsplit(server)._replace(path=f"/{name}")) if server else "")
        place.enter()
        return place

    yield enter
    from django.db import connections

    for alias in list(connections):
        connections[alias].close()
    for name in made:
        databases.run(server, f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
