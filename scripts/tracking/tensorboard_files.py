"""TensorBoard's own reader on a log of Gleaner: tensorboard_files.py LOGS MODEL"""

import importlib.metadata
import pathlib
import sys

from tensorboard.backend.event_processing.event_accumulator import EventAccumulator
from tensorboard.backend.event_processing.event_file_loader import RawEventFileLoader
from tensorboard.compat.proto.event_pb2 import Event
from tensorboard.plugins.text import metadata

import expected

logs, model = sys.argv[1:]
files = list(pathlib.Path(logs).iterdir())
assert len(files) == 1, files
# The first record, with its checksums: this reader checks them.
first = Event.FromString(next(iter(RawEventFileLoader(str(files[0])).Load())))
assert first.file_version == "brain.Event:2", first
assert first.wall_time > 1.7e9, first

events = EventAccumulator(logs, size_guidance={"scalars": 0, "tensors": 0})
events.Reload()
tags = events.Tags()
read = {tag: {event.step: event.value for event in events.Scalars(tag)} for tag in tags["scalars"]}
if not read:  # newer readers turn scalars into tensors
    from tensorboard.util.tensor_util import make_ndarray

    scalars = events.summary_metadata
    names = [tag for tag in tags["tensors"] if scalars[tag].plugin_data.plugin_name == "scalars"]
    read = {tag: {event.step: make_ndarray(event.tensor_proto).item() for event in events.Tensors(tag)} for tag in names}
wanted = {tag: {step: expected.single(value) for step, value in curve.items()} for tag, curve in expected.scalars(model).items()}
assert read == wanted, (read, wanted)

assert events.SummaryMetadata("parameters").plugin_data.plugin_name == metadata.PLUGIN_NAME
(table,) = events.Tensors("parameters")
text = table.tensor_proto.string_val[0].decode("utf-8")
rows = dict(line.strip("| ").split(" | ", 1) for line in text.splitlines() if line.startswith("| "))
for name, value in expected.parameters(model).items():
    assert rows[name].replace("\\|", "|") == value, (name, rows[name], value)
print(f"tensorboard {importlib.metadata.version('tensorboard')}: {len(read)} curves, {len(rows) - 1} parameters")
