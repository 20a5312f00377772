"""As whom a command acts: the local system account, or a person by the token of page People."""

from pathlib import Path

import typer

from asbuilt.doors.cli.opening import open_record
from asbuilt.doors.cli.signing import read_file

TOKEN_BYTES_MAX = 4_096
TOKEN = typer.Option(help="File with your own token of page People: it is you, not the system account, who says it.")


def open_record_as(token: Path | None):
    """The person whose token stands in this file, with that person's rights: where two people have to act. None: the local system account."""
    local = open_record()
    if token is None:
        return local
    from asbuilt.access.errors import token_unusable
    from asbuilt.access.identity import actor_of_token

    actor = actor_of_token(read_file(token, TOKEN_BYTES_MAX).decode("utf-8", "replace").strip())
    if actor.tenant != local.tenant:
        raise token_unusable()
    return actor
