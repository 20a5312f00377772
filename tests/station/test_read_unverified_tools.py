"""OpenOCD, pyOCD, J-Link Commander, STM32CubeProgrammer: commands and phrases, on texts written around public ones.

A stand-in for the tool prints such a text and ends with a code; what is tested is the command that it is given and what the
station makes of its words.
"""

import re
import stat

import pytest

from asbuilt.kernel.plans import Region
from asbuilt.station.programmers import unverified
from asbuilt.station.programmers.known import PROGRAMMERS
from asbuilt.station.programmers.protocol import Address, Fault, ToolFailed

APP = Region("app", 0x08000000, 0x1000, "app")
GOOD = {
    "openocd": "Open On-Chip Debugger 0.12.0\n** Programming Finished **\n** Verified OK **",
    "pyocd": "0.36.0\nErased 4096 bytes (1 sector), programmed 4096 bytes (4 pages), skipped 0 bytes",
    "jlink": "SEGGER J-Link Commander V7.96\nJ-Link: Flash download: Bank 0 @ 0x08000000: 1 range affected (4096 bytes)",
    "stm32cubeprogrammer": "STM32CubeProgrammer v2.17.0\nDownload verified successfully",
}
BAD = [
    ("openocd", "** Verify Failed **", Fault.verify_failed),
    ("openocd", "Error: error writing to flash at address 0x00000000 at offset 0x00000000", Fault.write_failed),
    ("openocd", "Error: libusb_open() failed with LIBUSB_ERROR_ACCESS", Fault.no_target),
    ("openocd", "Warn : Bypassing JTAG setup events due to errors", Fault.no_target),
    ("openocd", "Warn : no flash bank found for address 0x10000000", Fault.image_refused),
    ("pyocd", "0000845 E Error during board uninit: [session]", Fault.link_lost),
    ("pyocd", "FlashEraseFailure: at 0x00000000", Fault.write_failed),
    ("jlink", "Cannot connect to target.\nWriting failed.", Fault.no_target),
    ("jlink", "Writing target memory failed.", Fault.write_failed),
    ("stm32cubeprogrammer", "Error: Data mismatch found at address 0x08000000", Fault.verify_failed),
    ("stm32cubeprogrammer", "Can not connect to the target", Fault.no_target),
    ("stm32cubeprogrammer", f"Error: Failed to download data!\n{unverified.SEEN_CUBE_SUCCESS}", Fault.write_failed),
    ("openocd", "something that nobody has seen", Fault.unknown),
    ("pyocd", "", Fault.unknown),
    ("jlink", "Script processing completed.", Fault.unknown),
]


@pytest.fixture
def pretend(tmp_path, monkeypatch):
    """Makes a stand-in for a tool on the path; returns the file in which its words are kept."""

    def make(name: str, text: str, code: int):
        file, words = tmp_path / unverified.COMMANDS[name].file, tmp_path / "words"
        first = GOOD[name].splitlines()[0]
        file.write_text(
            f"#!/bin/sh\ncase \"$1\" in --version|'-?') echo '{first}'; exit 0;; esac\n"
            f"printf '%s\\n' \"$@\" > {words}\ncat <<'END'\n{text}\nEND\nexit {code}\n"
        )
        file.chmod(file.stat().st_mode | stat.S_IXUSR)
        monkeypatch.setenv("PATH", f"{tmp_path}:/usr/bin:/bin")
        return words

    return make


def write(name: str) -> None:
    opened = PROGRAMMERS[name].open(Address("PROBE-1", "", 5), "stm32f4", "", None)
    try:
        opened.write(APP, b"\x01" * 64)
    finally:
        opened.close()


@pytest.mark.parametrize("name", GOOD)
def test_the_phrase_of_success_with_exit_code_0_is_taken(pretend, name):
    words = pretend(name, GOOD[name], 0)
    write(name)
    given = words.read_text()
    assert "8000000" in given or "jlink" in given
    assert not re.search(r"force|no-?verify|\s-F\s", given)


@pytest.mark.parametrize("name", GOOD)
def test_the_same_phrase_with_another_exit_code_fails(pretend, name):
    pretend(name, GOOD[name], 1)
    with pytest.raises(ToolFailed):
        write(name)


@pytest.mark.parametrize(("name", "text", "fault"), BAD)
def test_failures_are_told_apart_and_what_is_unknown_fails_even_with_0(pretend, name, text, fault):
    pretend(name, text, 0)
    with pytest.raises(ToolFailed) as failed:
        write(name)
    assert failed.value.fault is fault


def test_they_are_marked_as_not_verified_and_every_phrase_has_its_source():
    for name, command in unverified.COMMANDS.items():
        assert not PROGRAMMERS[name].verified
        for phrase, source in command.seen.items():
            assert source.startswith(("github.com/", "community.st.com", "seen by us")), phrase
            assert unverified.phrase_is_known(name, phrase), (name, phrase)
    assert {name for name, one in PROGRAMMERS.items() if one.verified} == {
        "flashrom",
        "avrdude",
        "gdbremote",
        "esptool",
    }


def test_what_was_never_seen_to_read_back_cannot_and_says_so():
    lacking = {name for name in unverified.COMMANDS if "read_back" not in PROGRAMMERS[name].capabilities}
    assert lacking == {"jlink", "stm32cubeprogrammer"}


@pytest.mark.parametrize(
    ("name", "said"), [("openocd", "dumped 64 bytes in 0.1s"), ("pyocd", "Saved 64 bytes to read.bin")]
)
def test_a_read_back_without_the_bytes_fails(pretend, name, said):
    """The tool says that it read, and leaves no file."""
    pretend(name, said, 0)
    opened = PROGRAMMERS[name].open(Address("PROBE-1", "", 5), "stm32f4", "", None)
    with pytest.raises(ToolFailed) as failed:
        opened.read(APP, 64)
    assert failed.value.fault is Fault.link_lost
    opened.close()
