"""Writes comparison.json: values of scipy and deepsig that test the comparison of taggers.

    pip install numpy==2.4.6 scipy==1.17.1 deepsig==1.2.8
    python comparison.py > comparison.json
"""

import json

import numpy as np
from deepsig import aso
from deepsig.aso import compute_violation_ratio
from scipy import stats

rng = np.random.default_rng(5)


def counts(seeds: int, sentences: int, found: float) -> np.ndarray:
    """Gold, predicted and correct entities: [seeds, sentences, 3]."""
    gold = np.broadcast_to(np.random.default_rng(1).integers(1, 4, sentences), (seeds, sentences))
    correct = rng.binomial(gold, found)
    predicted = correct + rng.integers(0, 2, (seeds, sentences))
    return np.stack([gold, predicted, correct], axis=-1)


def gain(a: np.ndarray, b: np.ndarray, axis: int = 0) -> float:
    """Mean micro F1 of b minus that of a, each [sentences, seeds * 3]."""
    f1s = []
    for x in (a, b):
        sums = x.sum(axis=0).reshape(-1, 3)
        f1s.append(np.mean(2 * sums[:, 2] / (sums[:, 0] + sums[:, 1])))
    return f1s[1] - f1s[0]


def flat(x: np.ndarray) -> np.ndarray:
    return x.transpose(1, 0, 2).reshape(x.shape[1], -1)


out = {"exact": [], "interval": [], "aso": []}
for seeds, sentences, better in [(1, 9, 0.9), (2, 10, 0.7), (3, 8, 0.55)]:
    a, b = counts(seeds, sentences, 0.5), counts(seeds, sentences, better)
    fa, fb = flat(a), flat(b)
    observed = gain(fa, fb)
    extreme = 0
    for mask in range(2**sentences):
        swap = np.array([mask >> i & 1 for i in range(sentences)], dtype=bool)[:, None]
        value = gain(np.where(swap, fb, fa), np.where(swap, fa, fb))
        extreme += abs(value) >= abs(observed) - 1e-12
    p = extreme / 2**sentences
    if seeds == 1:  # scipy's test, where its interface can express ours
        index = np.arange(sentences)
        both = np.stack([fa, fb])

        def of_choice(x, y):
            return gain(both[x // sentences, x % sentences], both[y // sentences, y % sentences])

        test = stats.permutation_test(
            (index, index + sentences), of_choice, permutation_type="samples", n_resamples=np.inf, vectorized=False
        )
        assert abs(test.pvalue - p) < 1e-12, (test.pvalue, p)
    out["exact"].append({"a": a.tolist(), "b": b.tolist(), "gain": observed, "p": p})
a, b = counts(1, 60, 0.6), counts(1, 60, 0.8)
fa, fb = flat(a), flat(b)
index = np.arange(60)
result = stats.bootstrap(
    (index,), lambda i: gain(fa[i], fb[i]), n_resamples=5000, method="percentile", vectorized=False, rng=3
)
out["interval"].append(
    {"a": a.tolist(), "b": b.tolist(), "low": result.confidence_interval.low, "high": result.confidence_interval.high}
)
for n, m, shift in [(5, 5, 0.02), (5, 8, 0.005), (20, 20, 0.01), (4, 4, -0.05)]:
    x, y = rng.normal(0.7 + shift, 0.02, n), rng.normal(0.7, 0.02, m)
    out["aso"].append(
        {
            "better": x.tolist(),
            "worse": y.tolist(),
            "violation": float(compute_violation_ratio(x, y, dt=1e-4)),
            "bound": float(aso(x, y, confidence_level=0.95, num_bootstrap_iterations=1000, dt=5e-3, seed=1, show_progress=False)),
        }
    )
print(json.dumps(out))
