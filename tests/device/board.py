"""The board of examples/firmware/ as QEMU emulates it, and what the linker has put into its flash."""
import re
import subprocess


def emulator(image, serial):
    """QEMU's arguments. With `-icount shift=0` an instruction takes a nanosecond of its time."""
    return [
        "qemu-system-arm", "-M", "mps2-an385", "-kernel", image, "-icount", "shift=0",
        "-display", "none", "-monitor", "none", "-serial", serial,
        "-semihosting-config", "enable=on,target=native",
    ]  # fmt: skip


class Report:
    """The lines `NAME NUMBER` of a program's console."""

    def __init__(self, log):
        self.log = log
        self.lines = [(m[1], int(m[2])) for m in re.finditer(r"^([a-z0-9_.]+) (\d+)$", log, re.M)]

    def all(self, name):
        return [number for key, number in self.lines if key == name]

    def last(self, name):
        return self.all(name)[-1] if self.all(name) else None


def flash_pieces(map_file):
    """Code and constants in the linker's map: (object file, bytes)."""
    text = map_file.read_text().split("Linker script and memory map")[1]
    pattern = r"^ \.(?:text|rodata|vectors|data)\S*\s+0x[0-9a-f]+\s+(0x[0-9a-f]+) (\S+)$"
    return [(path, int(size, 16)) for size, path in re.findall(pattern, text, re.M)]


def flash_size(image):
    """Bytes of each section, and those that are in flash."""
    sections = subprocess.run(
        ["arm-none-eabi-size", "-A", image], check=True, capture_output=True, text=True
    ).stdout
    sizes = {m[1]: int(m[2]) for m in re.finditer(r"^(\.\w+)\S*\s+(\d+)", sections, re.M)}
    return sizes, sizes[".text"] + sizes[".ARM"] + sizes[".data"]
