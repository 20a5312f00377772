"""A server for tests of the station's sync, written from docs of the protocol: checks each request, keeps records, signs receipts.

It can be away, and it can lose the answer to records that it has kept.
"""

import base64
import json
import threading
from contextlib import suppress
from hashlib import sha256
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from station_floor import SERVER, receipt

from asbuilt.kernel import envelope
from asbuilt.kernel import station_documents as documents
from asbuilt.kernel.keys import PublicKey, public_to_pem


class StationServer:
    """Keeps what stations send; `files` is the folder that it serves, by path."""

    def __init__(self, station: str, key: PublicKey | None, random):
        self.station, self.key, self._random = station, key, random
        self.kept: dict[str, bytes] = {}
        self.requests, self.lost_share, self.code = 0, 0.0, "CODE-1"
        self.files: dict[str, bytes] = {}
        self.wanted: list[str] = []
        self.ends: list[bytes] = []
        self.enrolled: dict = {}
        outer = self

        class Handler(BaseHTTPRequestHandler):
            def do_GET(self):
                outer.answer(self, "GET", b"")

            def do_POST(self):
                outer.answer(self, "POST", self.rfile.read(int(self.headers["Content-Length"])))

            def log_message(self, *words):
                pass

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.handle_error = lambda *words: None
        self.url = f"http://127.0.0.1:{self._http.server_address[1]}"
        threading.Thread(target=self._http.serve_forever, args=(0.05,), daemon=True).start()

    def close(self):
        self._http.shutdown()
        self._http.server_close()

    def answer(self, handler, method: str, body: bytes) -> None:
        self.requests += 1
        what = handler.path.removeprefix("/api/v1/stations/")
        if what == "enrol":
            return self._say(handler, *self._enrol(json.loads(body)))
        digest = sha256(body).hexdigest()
        signed_text = (
            f"asbuilt-request/1\n{method}\n{handler.path}\n{handler.headers['Asbuilt-Station-At']}\n{digest}\n"
        )
        signature = base64.b64decode(handler.headers["Asbuilt-Station-Signature"])
        if not self.key.verify(signed_text.encode(), signature):
            return self._say(handler, 401, b"not signed by this station")
        what = what.removeprefix(f"{self.station}/")
        if what == "records":
            return self._records(handler, body)
        if what == "end-certificates":
            self.ends.append(body)
            return self._say(handler, 200, b"{}")
        if what == "folder":
            files = [
                {"path": path, "sha256": sha256(content).hexdigest(), "bytes": len(content)}
                for path, content in self.files.items()
            ]
            return self._say(handler, 200, json.dumps({"files": files, "wanted": self.wanted}).encode())
        return self._say(handler, 200, self.files[what.removeprefix("folder/")])

    def _records(self, handler, body: bytes) -> None:
        digests = []
        for one in json.loads(body)["records"]:
            payload = envelope.verify(envelope.parse(json.dumps(one).encode()), [self.key])
            record = documents.parse_record(payload)
            assert self.kept.setdefault(record.key, payload) == payload
            digests.append(sha256(payload).hexdigest())
        if self._random.random() < self.lost_share:
            with suppress(OSError):
                handler.connection.close()
            return
        self._say(handler, 200, receipt(self.station, digests, 1_800_000_000_000_000))

    def _enrol(self, said: dict) -> tuple[int, bytes]:
        if said["code"] != self.code:
            return 403, b"the code was used or is none"
        self.code, self.enrolled = "", said
        return 200, json.dumps({
            "station": self.station, "site": "CZ-BRNO", "ems": "EMS-1", "pinned": "ab" * 32,
            "server_keys": [public_to_pem(SERVER.public)],
        }).encode()  # fmt: skip

    def _say(self, handler, status: int, content: bytes) -> None:
        handler.send_response(status)
        handler.send_header("Content-Length", str(len(content)))
        handler.end_headers()
        handler.wfile.write(content)
