"""Package labels: drawn, read back by a reader of symbols, printed over TCP through the outbox."""

import socket
import threading
import xml.etree.ElementTree as ET

import pytest

from asbuilt.formats.package_labels import PackageLabel, png, svg, zpl
from asbuilt.kernel.errors import Conflict, Invalid, NotAllowed, NotFound

CODES = ("PK-000123", "REEL 7/ä^~_<&>", "1234567890", "x" * 200)


def read_symbol(pixels: bytes) -> str:
    """The text of the one Data Matrix in a PNG."""
    import io

    import zxingcpp
    from PIL import Image

    (found,) = zxingcpp.read_barcodes(Image.open(io.BytesIO(pixels)))
    assert found.format == zxingcpp.BarcodeFormat.DataMatrix
    return found.text


@pytest.mark.parametrize("code", CODES)
def test_the_symbol_says_the_code(code):
    assert read_symbol(png(PackageLabel(code))) == code


@pytest.mark.parametrize("code", CODES)
def test_the_drawing_is_well_formed_and_says_what_it_shows(code):
    drawn = ET.fromstring(svg(PackageLabel(code, ("Lot <1> & 2", "y" * 100, "\x1b[2J"))))
    texts = ["".join(one.itertext()) for one in drawn.iter("{http://www.w3.org/2000/svg}text")]
    assert texts[0] == (code if len(code) < 41 else f"{code[:39]}…") and texts[1] == "Lot <1> & 2"
    assert texts[2] == f"{'y' * 39}…" and "\x1b" not in texts[3]


def test_every_line_ends_before_the_label_does():
    """The SSCC beside its symbol ended at (00)340123450000: drawn at full size, whatever its length, and cut off by the edge of the label."""
    from PIL import ImageFont

    codes = ("SH-2026-000123", "BOX-1", "W" * 40, "국" * 12, "x" * 200)
    lines = ("(00)340123450000000017", "Nordlicht Steuerungstechnik GmbH & Co. KG DE", "ATECC608B-MAHDA-T", "WMWM" * 10)
    for code in codes:
        for one in ET.fromstring(svg(PackageLabel(code, lines))).iter("{http://www.w3.org/2000/svg}text"):
            font = ImageFont.truetype("DejaVuSans-Bold.ttf" if one.get("font-weight") else "DejaVuSans.ttf", 100)
            wide = font.getlength(one.text) / 100 * float(one.get("font-size"))
            wide = min(wide, float(one.get("textLength", wide)))
            assert float(one.get("x")) + wide <= 49 and float(one.get("font-size")) >= 1.6, one.text
    assert b">(00)340123450000000017<" in svg(PackageLabel("BOX-1", lines))


def test_the_symbol_of_the_drawing_reads_back():
    """The path of the SVG painted point by point is the symbol."""
    import re

    import zxingcpp
    from PIL import Image

    drawn = svg(PackageLabel("PK-000123")).decode()
    (left, top, scale) = map(
        float, re.search(r'transform="translate\(([\d.]+) ([\d.]+)\) scale\(([\d.]+)\)"', drawn).groups()
    )
    found = re.findall(r"M(\d+) (\d+)h(\d+)v(\d+)h", drawn)
    points_a_mm = 14
    picture = Image.new("L", (50 * points_a_mm, 25 * points_a_mm), 255)
    for x, y, wide, high in (map(int, one) for one in found):
        corners = (left + x * scale, top + y * scale, left + (x + wide) * scale, top + (y + high) * scale)
        assert 0 < corners[0] < corners[2] < 25 and 0 < corners[1] < corners[3] < 25
        picture.paste(0, tuple(round(one * points_a_mm) for one in corners))
    (read,) = zxingcpp.read_barcodes(picture)
    assert found and read.text == "PK-000123"


def test_no_code_can_give_the_printer_a_command():
    program = zpl(PackageLabel("^XA^JUF~JA_5E", ("^FS^XZ", "~HS", "ä_"))).decode("ascii")
    fields = program.split("^FD")[1:]
    said = [field.partition("^FS")[0] for field in fields]
    assert said[0] == "_5EXA_5EJUF_7EJA_5F5E" and said[2] == "_5EFS_5EXZ" and said[4] == "_C3_A4_5F"
    assert program.startswith("^XA^CI28") and program.endswith("^XZ\n") and "~" not in program.replace(",~,", "")


@pytest.mark.parametrize("code", ["", "y" * 201])
def test_a_code_that_no_label_holds_is_refused(code):
    for draw in (svg, png, zpl):
        with pytest.raises(Invalid):
            draw(PackageLabel(code))


class Printer(threading.Thread):
    """A label printer: takes connections on a port of its own and keeps what they sent."""

    def __init__(self, port: int = 0):
        super().__init__(daemon=True)
        self.socket = socket.create_server(("127.0.0.1", port))
        self.port = self.socket.getsockname()[1]
        self.got: list[bytes] = []
        self.arrived = threading.Semaphore(0)

    def run(self):
        while True:
            try:
                connection, _ = self.socket.accept()
            except OSError:
                return
            with connection:
                parts = []
                while part := connection.recv(4096):
                    parts.append(part)
            self.got.append(b"".join(parts))
            self.arrived.release()

    def stop(self):
        self.socket.shutdown(socket.SHUT_RDWR)
        self.socket.close()


@pytest.fixture
def printer(monkeypatch):
    one = Printer()
    one.start()
    monkeypatch.setenv("ASBUILT_PRINTERS", f"goods-in=127.0.0.1:{one.port}")
    yield one
    one.stop()


@pytest.fixture
def package(receive):
    from supply.conftest import REEL

    return receive(REEL).packages[0].package


def test_a_label_goes_to_the_printer_after_the_entry(actor, package, printer):
    from asbuilt.built.supply.actions.printing import print_labels, states
    from asbuilt.built.supply.label_texts import package_label
    from asbuilt.storage import outbox

    done = print_labels(actor, packages=[package], printer="goods-in")
    assert printer.got == []
    assert [one.state for one in states(actor.tenant, done)] == ["waits"]
    assert outbox.send_due(actor.tenant) == 1
    assert printer.arrived.acquire(timeout=10)
    assert printer.got == [zpl(package_label(actor.tenant, package))]
    assert b"2EKQ7" in printer.got[0]
    assert [one.state for one in states(actor.tenant, done)] == ["sent"]
    assert outbox.send_due(actor.tenant) == 0


def test_a_printer_that_is_off_gets_its_label_later(actor, package, monkeypatch):
    from asbuilt.built.supply.actions.printing import print_labels, states
    from asbuilt.storage import bulk, outbox
    from asbuilt.storage.transactions import write_tx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    monkeypatch.setenv("ASBUILT_PRINTERS", f"goods-in=127.0.0.1:{port}")
    done = print_labels(actor, packages=[package], printer="goods-in")
    assert outbox.send_due(actor.tenant) == 0
    (one,) = states(actor.tenant, done)
    assert (one.state, one.tries) == ("waits", 1) and one.error
    assert outbox.send_all_due() == 0  # not due yet: it waits 5 s
    with write_tx(actor.tenant):
        bulk.run("UPDATE storage_outgoing SET due_at = 0 WHERE tenant = %s", (actor.tenant,))
    printer = Printer(port)
    printer.start()
    assert outbox.send_all_due() == 1 and printer.arrived.acquire(timeout=10)
    printer.stop()
    assert states(actor.tenant, done)[0].state == "sent"


def test_it_gives_up_after_so_many_attempts(actor, package, monkeypatch):
    from asbuilt.built.supply.actions.printing import print_labels, states
    from asbuilt.storage import bulk, outbox
    from asbuilt.storage.transactions import write_tx

    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        monkeypatch.setenv("ASBUILT_PRINTERS", f"goods-in=127.0.0.1:{free.getsockname()[1]}")
    done = print_labels(actor, packages=[package], printer="goods-in")
    for _ in range(outbox.TRIES_MAX + 2):
        outbox.send_due(actor.tenant)
        with write_tx(actor.tenant):
            bulk.run("UPDATE storage_outgoing SET due_at = 0 WHERE tenant = %s", (actor.tenant,))
    (one,) = states(actor.tenant, done)
    assert (one.state, one.tries) == ("failed", outbox.TRIES_MAX)


def test_the_same_print_twice_is_one_label(actor, package, printer):
    from asbuilt.built.supply.actions.printing import print_labels
    from asbuilt.storage import outbox

    said = {"packages": [package], "printer": "goods-in", "request_key": "p-1"}
    first, again = print_labels(actor, **said), print_labels(actor, **said)
    assert (first.entry, len(first.messages), again.messages) == (again.entry, 1, ())
    assert outbox.send_due(actor.tenant) == 1
    with pytest.raises(Conflict):
        print_labels(actor, **{**said, "packages": [package, package]})


def test_what_is_not_there_is_not_printed(actor, package, printer, person, stranger):
    from asbuilt.built.supply.actions.printing import LABELS_MAX, print_labels
    from asbuilt.storage import reading

    for said in (
        {"packages": ["PK-999999"], "printer": "goods-in"},
        {"packages": [package], "printer": "127.0.0.1:22"},
    ):
        with pytest.raises(NotFound):
            print_labels(actor, **said)
    for many in (0, LABELS_MAX + 1):
        with pytest.raises(Invalid):
            print_labels(actor, packages=[package] * many, printer="goods-in")
    with pytest.raises(NotAllowed):
        print_labels(person("auditor"), packages=[package], printer="goods-in")
    with pytest.raises(NotFound):
        print_labels(stranger, packages=[package], printer="goods-in")
    assert reading.fetch("SELECT 1 FROM storage_outgoing WHERE tenant = %s", (actor.tenant,)) == []


@pytest.mark.parametrize("setting", ["goods-in", "=1.2.3.4:9100", "a=b", "a=b:port", "a=b:0", "a=b:70000"])
def test_a_malformed_setting_is_named(monkeypatch, setting):
    from asbuilt.storage.printers import printers

    monkeypatch.setenv("ASBUILT_PRINTERS", setting)
    with pytest.raises(Invalid):
        printers()


def test_two_printers_are_known_by_name(monkeypatch):
    from asbuilt.storage.printers import printers

    monkeypatch.setenv("ASBUILT_PRINTERS", " a=10.0.0.7:9100, b=[::1]:9100 ,")
    assert printers() == {"a": "10.0.0.7:9100", "b": "[::1]:9100"}
