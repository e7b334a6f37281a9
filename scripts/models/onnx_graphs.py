#!/usr/bin/env python3
"""Check a tagger's ONNX graph: onnx_graphs.py MODEL WORK TEXT...

ONNX's checker must accept it; on batches of sentences of different lengths, ONNX Runtime must compute the emissions of
PyTorch; and the tags decoded from it must be those of `gleaner predict`.
"""

import importlib
import json
import pathlib
import sys
from types import SimpleNamespace

import numpy as np
import onnx
import onnxruntime
import torch
import transformers
from transformers import AutoModelForTokenClassification, PreTrainedTokenizerFast

from text import export, predicted

TOLERANCE = 1e-4


class Graph:
    """A graph in the place of a model of the module `gleaner_tagger`, with what its metadata says."""

    device = torch.device("cpu")

    def __init__(self, path):
        onnx.checker.check_model(path, full_check=True)
        self.session = onnxruntime.InferenceSession(path, providers=["CPUExecutionProvider"])
        metadata = self.session.get_modelmeta().custom_metadata_map
        read = {key.removeprefix("gleaner."): json.loads(value) for key, value in metadata.items()}
        labels = read["labels"]
        self.config = SimpleNamespace(gleaner=read["decoding"], id2label=dict(enumerate(labels)), num_labels=len(labels))
        self.crf = None
        if "transitions" in read:
            start, end, transitions = (torch.tensor(read[key]) for key in ("start", "end", "transitions"))
            self.crf = SimpleNamespace(start_transitions=start, end_transitions=end, transitions=transitions)

    def eval(self):
        return self

    def __call__(self, input_ids, attention_mask):
        feeds = {"input_ids": input_ids.numpy(), "attention_mask": attention_mask.numpy()}
        return SimpleNamespace(logits=torch.from_numpy(self.session.run(["emissions"], feeds)[0]))


def largest_difference(graph, model, settings, vocabulary):
    """The largest difference of the emissions of pieces that are not padding, over batches of random pieces."""
    generator, largest = torch.Generator().manual_seed(1), 0.0
    longest = settings["max_pieces"] + 2
    # At most 25 sentences: the scores of attention are squares of the longest.
    for lengths in [[1], [longest], [3, longest, 1, 7], list(range(longest, 0, -max(1, longest // 24))), [5] * 4]:
        shape = len(lengths), max(lengths)
        ids = torch.randint(0, vocabulary, shape, generator=generator)
        mask = (torch.arange(shape[1]) < torch.tensor(lengths)[:, None]).long()
        with torch.inference_mode():
            found, expected = graph(ids, mask).logits, model(input_ids=ids, attention_mask=mask).logits
        assert found.shape == expected.shape, (found.shape, expected.shape)
        differences = (found - expected)[mask.bool()].abs()
        assert differences.isfinite().all(), "emissions are NaN or infinite"
        largest = max(largest, differences.max().item())
    return largest


def main():
    model, work, texts = pathlib.Path(sys.argv[1]), pathlib.Path(sys.argv[2]), sys.argv[3:]
    python = export(model, "transformers", work / "transformers")
    folder = export(model, "onnx", work / "onnx")
    sys.path.insert(0, str(python))
    module = importlib.import_module("gleaner_tagger")
    transformers.logging.set_verbosity_error()
    graph = Graph(str(folder / "model.onnx"))
    reference = AutoModelForTokenClassification.from_pretrained(python).eval()
    vocabulary = reference.get_input_embeddings().num_embeddings
    difference = largest_difference(graph, reference, graph.config.gleaner, vocabulary)
    assert difference < TOLERANCE, f"emissions differ by {difference:.1e}"
    pairs = [pair for text in texts for pair in predicted(model, text)]
    tokenizer = PreTrainedTokenizerFast(tokenizer_file=str(folder / "tokenizer.json"))
    tags = module.tag(graph, tokenizer, [words for words, _ in pairs])
    differing = [number for number, (one, (_, other)) in enumerate(zip(tags, pairs)) if one != other]
    assert not differing, f"{len(differing)} sentences have other tags, the first: {differing[0] + 1}"
    size = np.round((folder / "model.onnx").stat().st_size / 2**20, 1)
    print(f"{model.name}: {size} MiB, emissions within {difference:.1e}, the same tags on {len(pairs)} sentences")


if __name__ == "__main__":
    main()
