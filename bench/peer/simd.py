"""Levels of vector instructions, and the environment that limits every program to one of them."""

from collections.abc import Collection

LEVELS = ("avx512", "avx2", "portable")
NEEDED = {
    "avx512": {"avx512f", "avx512bw", "avx512dq", "avx512vl"},
    "avx2": {"avx2", "fma"},
    "portable": set(),
}

# oneDNN counts VNNI and BF16 as levels of their own; Gleaner uses them where the processor has them,
# VNNI also at its level `avx2`. The peers' lowest level is SSE4; Gleaner's is SSE2.
ONEDNN = {"avx512": "AVX512_CORE_BF16", "avx2": "AVX2_VNNI", "portable": "SSE41"}
ATEN = {"avx512": "avx512", "avx2": "avx2", "portable": "default"}
MKL = {"avx512": "AVX512", "avx2": "AVX2", "portable": "SSE4_2"}

NOTE = (
    "`--simd` does not limit ONNX Runtime, which has no variable for that: it uses the best "
    "instructions of the processor."
)


def available(flags: Collection[str]) -> list[str]:
    """The levels of a processor with these flags, the fastest first."""
    return [level for level in LEVELS if NEEDED[level].issubset(flags)]


def environment(level: str | None, vendor: str) -> dict[str, str]:
    """The variables that limit Gleaner, PyTorch (ATen, oneDNN, MKL) and OpenVINO to a level.

    OpenVINO has two variables, one for its own loops and one for its oneDNN; set to different
    values, they give wrong results. MKL reads its variable on Intel's processors only. Elsewhere,
    all that limits it is a setting for equal results on all processors, which uses SSE2.
    """
    if level is None:
        return {}
    variables = {
        "GLEANER_SIMD": level,
        "ATEN_CPU_CAPABILITY": ATEN[level],
        "ONEDNN_MAX_CPU_ISA": ONEDNN[level],
        "OV_CPU_MAX_ISA": ONEDNN[level],
        "MKL_ENABLE_INSTRUCTIONS": MKL[level],
    }
    if level == "portable" and vendor != "GenuineIntel":
        variables["MKL_CBWR"] = "COMPATIBLE"
    return variables
