"""The corpus of labels: what stands on each, copied by hand from its text, and where its structure is.

`PRINTED` is checked against the corpus' own column `expected`; it adds the fields that the column leaves out. A field that
is not named here is not on the label. Dates: raw, year, week, sure; weeks looked up in a calendar.
"""

import re
from dataclasses import dataclass
from pathlib import Path

FIELDS = (
    "vendor",
    "mpn",
    "customer_part",
    "order_code",
    "manufacturer",
    "lot_code",
    "date_code",
    "quantity",
    "country",
)
REFUSED = {
    "dk11": "labels.separators_lost", "dk12": "labels.separators_lost", "mo03": "labels.separators_lost",
    "mo04": "labels.separators_lost", "dk13": "labels.number_only", "dk14": "labels.number_only",
}  # fmt: skip


def _printed(vendor=None, mpn=None, quantity=None, country=None, **more) -> dict:
    said = {"vendor": vendor, "mpn": mpn, "quantity": quantity, "country": country, **more}
    return {name: said.get(name) for name in FIELDS}


def _digikey(mpn, quantity, country, **more):
    return _printed("digikey", mpn, quantity, country, **more)


def _mouser(mpn, quantity, country, manufacturer):
    return _printed("mouser", mpn, quantity, country, manufacturer=manufacturer)


def _lcsc(code, mpn, quantity, **more):
    return _printed("lcsc", mpn, quantity, order_code=code, **more)


def _tme(code, mpn, manufacturer, quantity, country=None):
    return _printed("tme", mpn, quantity, country, order_code=code, manufacturer=manufacturer)


def _wuerth(mpn, quantity, lot_code, *date):
    return _printed("wurth-eisos", mpn, quantity, lot_code=lot_code, date_code=(*date, True))


PRINTED = {
    "dk01": _digikey("LM358BIDDFR", 10, "PH", customer_part="296-LM358BIDDFRCT-ND"),
    "dk02": _digikey(None, 10, "PH", order_code="296-LM358BIDDFRCT-ND"),
    "dk03": _digikey("nonsense", 10, "PH", customer_part="nonsense", order_code="nonsense"),
    "dk04": _digikey("364019-01", 3, "TW", customer_part="Q1045-ND", order_code="Q1045-ND", lot_code="QJ13P",
                     date_code=("231013", 2023, 41, False)),
    "dk05": _digikey("LTC4125EUFD#TRPBF", 5, "TH", customer_part="LTC4125EUFD#TRPBF", order_code="LTC4125EUFD#TRPBF",
                     lot_code="AY10429.10", date_code=("2332", 2023, 32, True)),
    "dk06": _digikey("S14", 100, "CN", customer_part="3191-S14CT-ND", order_code="3191-S14CT-ND",
                     lot_code="BA030123021303300", date_code=("2307", 2023, 7, True)),
    "dk07": _digikey("WR06X221 JTL", 478, "CN", customer_part="1292-WR06X221JTLCT-ND",
                     order_code="1292-WR06X221JTLCT-ND", lot_code="128977"),
    "dk08": _digikey("SC0889", 1, "GB", customer_part="2648-SC0889-ND", order_code="2648-SC0889-ND",
                     date_code=("08/02/2023", 2023, None, False)),
    "dk09": _digikey("LTV-814H", 4, "TH", customer_part="160-1350-5-ND"),
    "dk10": _digikey("D1CPC0306QR050FF-T50", 10, "CN", customer_part="4463-D1CPC0306QR050FF-T50CT-ND"),
    "mo01": _mouser("MC34063ADR", 3, "MX", "TI"),
    "mo02": _mouser("LDK320ADU33R", 32, "CN", "STMicro"),
    "mo05": _mouser("DR331-513AE", 4, "CN", "Bourns"),
    "mo06": _mouser("B82432C1105J000", 2, "HU", "EPCOS / TDK"),
    "mo07": _mouser("PESD3V3S2UT,215", 40, "CN", "Nexperia"),
    "mo08": _mouser("EMIF03-SIM02M8", 15, "CN", "STMicro"),
    "mo09": _mouser("ERJ-UP3F3302V", 10, "JP", "Panasonic"),
    "fa01": _printed("farnell", "GRM155R71C224KA12D", 80, "JP", order_code="2470468"),
    "fa02": _printed("farnell", "C0402C820J5GACTU", 10, "MX", order_code="1572617", lot_code="192400015",
                     date_code=("1924", 2019, 24, True)),
    "we01": _wuerth("744912168", 5, "329012581410000", "20140307", 2014, 10),
    "we02": _wuerth("744273801", 3, "249010431105000", "20110207", 2011, 6),
    "we03": _wuerth("744228S", 12, "226118011136000", "20110909", 2011, 36),
    "lc01": _lcsc("C312270", "ST-1-102-A01-T000-RS", 2),
    "lc02": _lcsc("C22437266", "IA0509S-2W", 3),
    "lc03": _lcsc("C844554", "CRCW060334K8FKEA", 100, customer_part="R11, R19"),
    "lc04": _lcsc("C2922211", "DB2EKN-3.5-3P-GN", 65),
    "lc05": _lcsc("C136648", "LMR16030SDDAR", 5, customer_part="10"),
    "lc06": _lcsc("C138033", "RC0402FR-071ML", 10),
    "tm01": _tme("WBP-302", "WBP-302", "WISHERENTERPRISE", 1),
    "tm02": _printed("tme", "WBP-302", 1, customer_part="WBP-302"),
    "tm03": _tme("SMD0603-5K1-1%", "0603SAF5101T5E", "ROYALOHM", 1000, "TH"),
    "tm04": _tme("ETQP3M6R8KVP", "ETQP3M6R8KVP", "PANASONIC", 5),
    "tm05": _tme("M0.6W-10K", "MF006FF1002A50", "ROYAL.OHM", 500),
    "ge01": _printed(None, "XAF4444", 3, "US", customer_part="596-777A1-ND", lot_code="BF1103",
                     date_code=("1452", 2014, 52, True)),
    "au01": _printed(customer_part="86511BP000T5G"),
    "ph01": _printed(lot_code="1A234B5"),
    "gs01": _printed(order_code="04150123456782", lot_code="1A234B5"),
    "sy01": _printed(None, "GRM155R61A104KA01D", 10000, "JP", lot_code="2M0A7", date_code=("2512", 2025, 12, True)),
    "sy02": _printed(None, "NRF52840-QIAA-R7", 4000, lot_code="2335AB/2336AC"),
    "sy03": _printed(None, "ABC", 5),
    "sy04": _printed(None, "ABC", 5),
    "ya01": _printed("yageo", "CC0603KRX7R8BB392", 4000, lot_code="31E512061159F1056753",
                     date_code=("15511610", None, None, False)),
    "ya02": _printed(None, "CC0402JRNPO9BN150", 8992, "CN", date_code=("1145", 2011, 45, True)),
    "li01": _printed("liteon", "LTST-C191KGKT", 5000, "CN", lot_code="2108404746", date_code=("2113", 2021, 13, True)),
    "sp01": _printed("stackpole", "RMCF2010ZT0R00", 4000, "JP", lot_code="T170419155",
                     date_code=("17/16", 2017, 16, False)),
    "sa01": _printed("samsung", "CL10C101JB8NNNC", 4000, lot_code="AJ1FP7G", date_code=("1687", None, None, False)),
    "ke01": _printed("kemet", "C1206C475K3PAC7800", 2000, lot_code="042390059"),
}  # fmt: skip


@dataclass(frozen=True)
class Row:
    """A label of the corpus: name, notation, text, and what the corpus expects."""

    name: str
    kind: str
    text: str
    expected: str


def rows(shared_data: Path) -> list[Row]:
    """All labels of the corpus."""
    found = []
    for line in (shared_data / "ems/labels.tsv").read_text(encoding="utf-8").split("\n"):
        if line and not line.startswith(("#", "id\t")):
            name, _, kind, text, expected = line.split("\t")[:5]
            if re.search(r"\\[xrn]", text):
                text = text.encode("latin-1", "backslashreplace").decode("unicode_escape")
            found.append(Row(name, kind, text, expected))
    assert {row.name for row in found} == PRINTED.keys() | REFUSED.keys()
    return found


def as_printed(document: dict) -> dict:
    """The nine fields of a JSON document in the form of `PRINTED`."""
    said = {name: document[name] for name in FIELDS}
    if said["date_code"] is not None:
        said["date_code"] = tuple(said["date_code"][key] for key in ("raw", "year", "week", "sure"))
    return said


_IDENTIFIER = {
    "qr-brace": r"(?<=[{,])(?:pbn|on|pc|pm|qty|mc|cc|pdi|hp|wc)(?=:)",
    "qr-kv": r"(?:^|(?<= ))(?:(?:QTY|PN|PO|CPO|MFR|MPN|CoO)(?=:)|RoHS|(?i:https)(?=:))",
    "dm-space": r"(?:^|(?<= ))(?:1PMPN|1P|P|Q|K)",
    "maker-cr": r"(?:^|(?<=\r))(?:31P|32P|1T|Q|9D)",
    "maker-token": r"UID|PID|TIM|SPL|LID|SPN|QTY|DCD|MSD|COO|ESD|ROH|SER",
    "maker-comma": r"(?:^|(?<=,))(?:1P|Q|1T)",
}
_SEPARATOR = {
    "qr-brace": r",(?=[a-z]{2,3}:)|:", "qr-kv": r" |(?<=[A-Zo]):", "dm-space": " ", "maker-cr": r"\r", "maker-semi": ";",
    "maker-comma": ",", "maker-slash": "/", "maker-fixed": " ", "gs1-fnc1": "\x1d",
}  # fmt: skip
_ENDS = {"qr-brace": (r"\{", r"\}"), "maker-slash": ("(?!)", r"[\r\n]+$"), "maker-semi": ("(?!)", r"\r$")}


def structure(row: Row) -> list[tuple[str, int, int]]:
    """(header, separator, identifier or trailer; where it begins; where it ends) for each part that is no value."""
    if row.kind.startswith(("dm06", "pdf417")):
        return _of_envelope(row)
    if row.kind == "gs1-fnc1":  # 01 and 14 digits, 10 and 7 letters, GS, 17 and 6 digits, 21
        return [("separator", 25, 26), *(("identifier", at, at + 2) for at in (0, 16, 26, 34))]
    found = [("identifier", *one.span()) for one in re.finditer(_IDENTIFIER.get(row.kind, "(?!)"), row.text)]
    found += [("separator", *one.span()) for one in re.finditer(_SEPARATOR.get(row.kind, "(?!)"), row.text)]
    for part, pattern in zip(("header", "trailer"), _ENDS.get(row.kind, ()), strict=False):
        found += [(part, *one.span()) for one in re.finditer(pattern, row.text)]
    return found


def _of_envelope(row: Row) -> list[tuple[str, int, int]]:
    text, caret = row.text, "caret" in row.kind
    head = re.match(r"(?:\]d1)?>?\[\)>[\x1e␞^]?06", text).end()
    tail = re.search(r"\^d?$" if caret else r"[\x1e␞][^\x1d]{0,4}$", text[head:])
    end = head + tail.start() if tail else len(text)
    found = [("header", 0, head)]
    found += [("header", *one.span()) for one in re.finditer(r"\]d1|>?\[\)>|[\x1e␞^]|06", text[:head])]
    if tail:
        found += [("trailer", end, len(text)), *(("trailer", at, at + 1) for at in range(end, len(text)))]
    for at in range(head, end):
        if text[at] in ("]" if caret else "\x1d␝"):
            found.append(("separator", at, at + 1))
            identifier = re.match(r"\d{0,3}[A-Za-z]", text[at + 1 : end])
            if identifier:
                found.append(("identifier", at + 1, at + 1 + identifier.end()))
    return found
