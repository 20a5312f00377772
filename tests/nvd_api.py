"""A web server that speaks as NVD's API 2.0 does, over real records of the shared data: pages, windows, limits, keys."""

import http.server
import json
import re
import threading
from collections.abc import Callable
from contextlib import contextmanager
from datetime import datetime, timedelta
from pathlib import Path
from urllib.parse import parse_qsl, urlsplit

PATH = "/rest/json/cves/2.0"
PAGE_MAX = 2_000
SPAN_MAX = timedelta(days=120)


def real_records(shared: Path, count: int) -> list[dict]:
    """The first records of the files of NVD, by name, one a CVE id, as `vulnerabilities` lists them."""
    found: dict[str, dict] = {}
    for file in sorted([*(shared / "nvd2").glob("CVE-*.json"), *(shared / "nvd2-embedded").glob("*.json")]):
        said = json.loads(file.read_text())
        for one in said.get("vulnerabilities", [said]):
            one = one if "cve" in one else {"cve": one}
            found[one["cve"]["id"]] = one
    assert len(found) >= count
    return list(found.values())[:count]


class Api(http.server.ThreadingHTTPServer):
    """`records` are what it knows, in the order of publication; `before[n]` answers request n (0, 1 …) in its place where it
    returns True; `asked` are the requests: parameters and headers."""

    daemon_threads = True

    def __init__(self, records: list[dict]):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.records, self.asked, self.at = records, [], []
        self.before: dict[int, Callable] = {}
        self.root = f"http://127.0.0.1:{self.server_port}"
        self.address = self.root + PATH


class _Handler(http.server.BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_):
        pass

    def do_GET(self):
        number = len(self.server.asked)
        parts = urlsplit(self.path)
        said = dict(parse_qsl(parts.query))
        self.server.asked.append((said, dict(self.headers)))
        self.server.at.append(datetime.now().timestamp())
        if number in self.server.before and self.server.before[number](self):
            return
        if parts.path != PATH:
            self.answer(404, b"")
            return
        try:
            chosen = self._chosen(said)
        except ValueError as wrong:
            self.answer(404, b"", message=str(wrong))
            return
        at, size = int(said.get("startIndex", 0)), min(int(said.get("resultsPerPage", PAGE_MAX)), PAGE_MAX)
        page = chosen[at : at + size]
        self.answer(200, json.dumps({
            "resultsPerPage": len(page), "startIndex": at, "totalResults": len(chosen), "format": "NVD_CVE", "version": "2.0",
            "timestamp": "2026-11-29T08:00:00.000", "vulnerabilities": page,
        }).encode())  # fmt: skip

    def _chosen(self, said: dict) -> list[dict]:
        begin, end = said.get("lastModStartDate"), said.get("lastModEndDate")
        if not begin and not end:
            return self.server.records
        shape = r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}\+00:00"
        if not (begin and end and re.fullmatch(shape, begin) and re.fullmatch(shape, end)):
            raise ValueError("Invalid lastModStartDate or lastModEndDate.")
        first, last = datetime.fromisoformat(begin), datetime.fromisoformat(end)
        if last < first or last - first > SPAN_MAX:
            raise ValueError("The maximum allowable range is 120 consecutive days.")
        return [
            one for one in self.server.records
            if first <= datetime.fromisoformat(one["cve"]["lastModified"] + "+00:00") <= last
        ]  # fmt: skip

    def answer(self, status: int, body: bytes, **headers: str) -> bool:
        """Answer with this; True, so that it can be the last word of `before`."""
        self.send_response(status)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)
        return True


@contextmanager
def nvd_api(records: list[dict]):
    """The server while the block runs."""
    made = Api(records)
    threading.Thread(target=made.serve_forever, daemon=True).start()
    try:
        yield made
    finally:
        made.shutdown()
        made.server_close()
