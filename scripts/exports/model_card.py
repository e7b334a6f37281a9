"""The Hugging Face hub's own reader on a model card: model_card.py FOLDER"""

import importlib.metadata
import json
import pathlib
import subprocess
import sys

from huggingface_hub import ModelCard

from corpus import GLEANER, equal

model = pathlib.Path(sys.argv[1]) / "model"
settings = "--data sample:af --encoder sample:tiny --epochs 1 --lstm-units 8 --lstm-layers 1 --train-limit 60 --language af nl --license cc-by-4.0"
subprocess.run([GLEANER, "train", *settings.split(), "--output", "quiet", "--out", model], check=True)
saved = json.loads((model / "gleaner.json").read_text("utf-8"))
card = ModelCard.load(model / "README.md")
data = card.data
equal((data.language, data.license, data.pipeline_tag, data.library_name), (["af", "nl"], "cc-by-4.0", "token-classification", "gleaner"), "the head")
# Of this name, as the hub wants one for `model-index`.
assert data.model_name, data
results = {result.metric_type: result for result in data.eval_results}
micro, interval = saved["test"]["entities"]["micro"], saved["test"]["intervals"]["micro-f1"]
values = micro | {"accuracy": saved["test"]["token-accuracy"]}
equal(data.metrics, list(results), "metrics")
for name, result in results.items():
    equal((result.task_type, result.dataset_name, result.dataset_type, result.dataset_split), ("token-classification", "sample:af", "custom", "test"), name)
    assert abs(result.metric_value - values[name]) < 1e-4, (name, result.metric_value, values[name])
read = results["f1"].metric_args["interval"]
assert all(abs(read[end] - interval[end]) < 1e-4 for end in ("low", "high")) and read["level"] == 0.95, (read, interval)
# What the reader writes again is the same, so nothing was lost.
equal(ModelCard(f"---\n{data.to_yaml()}\n---\n").data.to_dict().items(), data.to_dict().items(), "the head written again")
assert card.text.lstrip().startswith("# A named-entity tagger"), card.text[:80]
print(f"huggingface_hub {importlib.metadata.version('huggingface_hub')}: a model card with {len(results)} scores")
