#!/usr/bin/env python3
"""Labels texts with the client of the Hugging Face hub: hub_client.py ADDRESS MODEL."""

import importlib.metadata
import sys

from huggingface_hub import InferenceClient
from predicted import TEXTS, equal, predicted, slice_of

address, model = sys.argv[1:]
client = InferenceClient(f"{address}/v1/token-classification")
count = 0
for text in TEXTS:
    found = client.token_classification(text, aggregation_strategy="simple", ignore_labels=["O"], stride=16)
    equal([(one.entity_group, one.start, one.end) for one in found], predicted(model, text, "scalar"), text)
    for one in found:
        equal(one.word, slice_of(text, one.start, one.end, "scalar"), "word")
        assert 0 < one.score <= 1, one
    count += len(found)
assert count > 4, count
print(f"huggingface_hub {importlib.metadata.version('huggingface_hub')}: {len(TEXTS)} texts, {count} entities")
