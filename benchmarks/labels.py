"""labels: texts of scans read into labels, one after the other, in seconds of one core; nothing but the reading.

The labels have the layouts of nine printers in the share in which goods-in meets them, with other part numbers, lots, dates
and quantities on each, so that nothing is read twice.
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parent))

from ground.figures import Figures, arguments, machine

LEAST = 20_000
BATCHES = 5
LETTERS = "ABCDEFGHJKLMNPRSTUVWXYZ0123456789"
SHAPES = {
    "digikey": "[)>\x1e06\x1dP{sku}-ND\x1d1P{part}\x1d30P{sku}-ND\x1dK{number}\x1d1K{number}\x1d10K{number}\x1d9D{week}\x1d1T{lot}"
    "\x1d11K1\x1d4LTW\x1dQ{quantity}\x1d11ZPICK\x1d12Z{number}\x1d13Z999999\x1d20Z" + "0" * 80,
    "mouser": ">[)>06]K{number}]14K004]1P{part}]q{quantity}]11K{number}]4LCN]1VBourns",
    "farnell": "[)>^06]kPO{number}]P]1P{part}]3P{number}]q{quantity}]9D{week}]1T{lot}]4LJP]4K9^d",
    "wuerth": "[)>^06]1P{part}]Q{quantity}]1T{lot}]16D2024{day}^d",
    "maker": "[)>\x1e06\x1d1P{part}\x1d1T{lot}\x1d9D{week}\x1dQ{quantity}\x1d4LJP\x1d3SB{number}\x1e\x04",
    "lcsc": "{{pbn:PICK{number},on:GB{number},pc:C{number},pm:{part},qty:{quantity},mc:,cc:1,pdi:{number},hp:null,wc:ZH}}",
    "tme": "QTY:{quantity} PN:{sku} PO:{number}/3 MFR:PANASONIC MPN:{part} RoHS https://www.tme.eu/details/{sku}",
    "gs1": "0104150123456782" + "10{lot}\x1d11{year}{day}37{quantity}",
    "samsung": "AJ1{lot:.4}/{part:.12}/{week}/0004000\r\n",
}  # fmt: skip
SHARES = (30, 20, 10, 10, 12, 8, 4, 3, 3)


def scans(count: int, seed: int) -> list[str]:
    """So many texts of scans."""
    drawn = random.Random(seed)

    def word(size: int) -> str:
        return "".join(drawn.choices(LETTERS, k=size))

    return [
        shape.format(
            sku=word(9), part=word(14), lot=word(9), number=drawn.randrange(10**7, 10**8), quantity=drawn.randrange(1, 10_000),
            year=drawn.randrange(15, 27), week=f"{drawn.randrange(15, 27)}{drawn.randrange(1, 53):02}",
            day=f"{drawn.randrange(1, 13):02}{drawn.randrange(1, 29):02}",
        )
        for shape in drawn.choices(list(SHAPES.values()), SHARES, k=count)
    ]  # fmt: skip


def main() -> None:
    """The middle of some batches, each label read once."""
    said = arguments(__doc__.split("\n")[0], 100_000, "labels").parse_args()
    machine(said.seed)
    from asbuilt.formats.labels.reading import read_label

    texts = scans(said.scale, said.seed)
    for text in texts[:1000]:
        if read_label(text).mpn is None and not text.startswith("01"):
            raise SystemExit(f"No part number was read from {text!r}.")
    rates = []
    for number in range(BATCHES):
        batch = texts[number::BATCHES]
        began = time.process_time()
        for text in batch:
            read_label(text)
        rates.append(len(batch) / (time.process_time() - began))
    print(f"  {min(rates):,.0f} to {max(rates):,.0f} labels/s in {BATCHES} batches", flush=True)
    figures = Figures("labels")
    figures.least("", sorted(rates)[BATCHES // 2], LEAST, " labels/s")
    figures.finish()


if __name__ == "__main__":
    main()
