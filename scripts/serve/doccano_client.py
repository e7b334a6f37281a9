#!/usr/bin/env python3
"""Labels texts with the client of doccano's automatic labelling: doccano_client.py ADDRESS MODEL."""

import importlib.metadata
import sys

from auto_labeling_pipeline.labels import SequenceLabels
from auto_labeling_pipeline.mappings import MappingTemplate
from auto_labeling_pipeline.models import RequestModelFactory
from auto_labeling_pipeline.pipeline import pipeline
from auto_labeling_pipeline.postprocessing import PostProcessor
from predicted import TEXTS, equal, predicted

address, model = sys.argv[1:]
attributes = {"url": f"{address}/doccano", "method": "POST", "params": {}, "headers": {}}
template = MappingTemplate(label_collection=SequenceLabels, template="{{ input | tojson }}")
count = 0
for text in TEXTS:
    # doccano replaces the placeholder in the body itself.
    request = RequestModelFactory.create("Custom REST Request", {**attributes, "body": {"text": "{{ text }}"}})
    labels = pipeline(text, request, template, PostProcessor({})).dict()
    found = [(label["label"], label["start_offset"], label["end_offset"]) for label in labels]
    equal(found, predicted(model, text, "scalar"), text)
    count += len(found)
assert count > 4, count
print(f"doccano's auto-labeling-pipeline {importlib.metadata.version('auto-labeling-pipeline')}: {len(TEXTS)} texts, {count} entities")
