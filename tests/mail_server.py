"""A real mail server in a process of its own (aiosmtpd), which keeps what it takes: NNNNNN.eml with the bytes, NNNNNN.to with the recipient.

    python mail_server.py FOLDER [plain]    prints its port, then serves until it is ended

By the local part of the recipient: `refused` is refused for good (550), `later` for now (451), `hang` is taken, and the answer does not come for a
minute; everything else is taken. It reads commands that come together, and says so (PIPELINING), unless it is `plain`.
"""

import asyncio
import sys
from pathlib import Path

from aiosmtpd.smtp import SMTP


class Keeper:
    """Keeps mails as files."""

    def __init__(self, folder: Path, plain: bool):
        self.folder, self.count, self.plain = folder, len(list(folder.glob("*.eml"))), plain

    async def handle_EHLO(self, server, session, envelope, hostname, responses):
        session.host_name = hostname
        return responses if self.plain else [*responses[:-1], "250-PIPELINING", responses[-1]]

    async def handle_RCPT(self, server, session, envelope, address, options):
        local = address.partition("@")[0]
        if local in ("refused", "later"):
            return "550 5.1.1 no such mailbox" if local == "refused" else "451 4.3.0 ask later"
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server, session, envelope):
        self.count += 1
        name = self.folder / f"{self.count:06}"
        name.with_suffix(".to").write_text(envelope.rcpt_tos[0])
        name.with_suffix(".peer").write_text(str(session.peer[1]))
        part = name.with_suffix(".part")
        part.write_bytes(envelope.content)
        part.rename(name.with_suffix(".eml"))
        if envelope.rcpt_tos[0].startswith("hang@"):
            await asyncio.sleep(60)
        return "250 2.0.0 taken"


async def serve(folder: Path, plain: bool) -> None:
    """Listen on a free port of this machine."""
    keeper = Keeper(folder, plain)
    loop = asyncio.get_running_loop()
    server = await loop.create_server(lambda: SMTP(keeper, hostname="mail.test", loop=loop), "127.0.0.1", 0)
    print(server.sockets[0].getsockname()[1], flush=True)
    await server.serve_forever()


if __name__ == "__main__":
    asyncio.run(serve(Path(sys.argv[1]), "plain" in sys.argv[2:]))
