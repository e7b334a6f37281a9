"""What a result was measured on and with."""

import importlib.metadata
import os
import platform
from pathlib import Path

import simd

PACKAGES = (
    "torch",
    "transformers",
    "tokenizers",
    "safetensors",
    "pytorch-crf",
    "numpy",
    "onnxruntime",
    "openvino",
    "nncf",
)
INSTRUCTIONS = (
    "avx2",
    "avx_vnni",
    "avx512f",
    "avx512_vnni",
    "avx512_bf16",
    "amx_bf16",
    "asimd",
    "bf16",
    "sve",
)

CPUS = Path("/sys/devices/system/cpu")


def physical_cores() -> int:
    """The physical cores that this process may use; its logical processors if Linux does not say
    which of them share a core."""
    usable = os.sched_getaffinity(0)
    try:
        return len({siblings(cpu) for cpu in usable})
    except OSError:
        return len(usable)


def siblings(cpu: int) -> str:
    """The logical processors that share a core with this one, itself included."""
    topology = CPUS / f"cpu{cpu}" / "topology"
    path = topology / "core_cpus_list"
    # The second name is that of kernels before 5.3.
    return (path if path.exists() else topology / "thread_siblings_list").read_text()


def cpuinfo(key: str) -> str:
    """The first value of a key of /proc/cpuinfo."""
    for line in Path("/proc/cpuinfo").read_text().splitlines():
        name, _, value = line.partition(":")
        if name.strip() == key:
            return value.strip()
    return ""


def flags() -> list[str]:
    """The processor's features, as the kernel names them."""
    return (cpuinfo("flags") or cpuinfo("Features")).split()


def model_name() -> str:
    """The processor's name."""
    return cpuinfo("model name") or platform.machine()


def processor() -> str:
    """The processor's name, with family and model where servers hide the exact name."""
    family = cpuinfo("cpu family")
    return model_name() + (f" (family {family}, model {cpuinfo('model')})" if family else "")


def limits(level: str | None) -> dict[str, str]:
    """The variables that limit programs on this processor to a level of instructions."""
    return simd.environment(level, cpuinfo("vendor_id"))


def facts(threads: int) -> list[tuple[str, str]]:
    """The machine and how busy it is."""
    present = flags()
    memory = next(
        line.split()[1]
        for line in Path("/proc/meminfo").read_text().splitlines()
        if line.startswith("MemTotal")
    )
    return [
        ("processor", processor()),
        ("instructions", ", ".join(name for name in INSTRUCTIONS if name in present)),
        ("threads", f"{threads} of {os.cpu_count()} logical processors"),
        ("memory", f"{int(memory) / 2**20:.1f} GiB"),
        ("system", platform.system()),
        ("load before", f"{os.getloadavg()[0]:.2f}"),
    ]


def versions() -> list[tuple[str, str]]:
    """Python and the packages of the peers."""
    found = [("Python", platform.python_version())]
    return found + [(name, importlib.metadata.version(name)) for name in PACKAGES]
