"""What a result was measured on and with."""

import importlib.metadata
import os
import platform
from pathlib import Path

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "pytorch-crf",
    "numpy",
    "onnxruntime",
)
INSTRUCTIONS = ("avx2", "avx512f", "avx512_bf16", "amx_bf16", "asimd", "bf16", "sve")


def physical_cores() -> int:
    """The physical cores of this machine, as many as this process may use."""
    cores: set[tuple[str, str]] = set()
    package = core = ""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        key, _, value = line.partition(":")
        if key.strip() == "physical id":
            package = value
        elif key.strip() == "core id":
            core = value
        elif not line:
            cores.add((package, core))
    usable = len(os.sched_getaffinity(0))
    return max(1, min(len(cores), usable))


def cpuinfo(key: str) -> str:
    """The first value of a key of /proc/cpuinfo."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def processor() -> str:
    """The processor's name."""
    return cpuinfo("model name") or platform.machine()


def facts(threads: int) -> list[tuple[str, str]]:
    """The machine and how busy it is."""
    flags = (cpuinfo("flags") or cpuinfo("Features")).split()
    memory = next(
        line.split()[1]
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    family = f" (family {cpuinfo('cpu family')}, model {cpuinfo('model')})"
    return [
        ("processor", processor() + (family if cpuinfo("cpu family") else "")),
        ("instructions", ", ".join(name for name in INSTRUCTIONS if name in flags)),
        ("threads", f"{threads} of {os.cpu_count()} logical processors"),
        ("memory", f"{int(memory) / 2**20:.1f} GiB"),
        ("system", platform.system()),
        ("load before", f"{os.getloadavg()[0]:.2f}"),
    ]


def versions() -> list[tuple[str, str]]:
    """Python and the packages of the peers."""
    found = [("Python", platform.python_version())]
    return found + [(name, importlib.metadata.version(name)) for name in PACKAGES]
