"""Gleaner's saved tagger as an ONNX graph: pieces in, emissions of all pieces out.

PyTorch exports the encoder; the rest is put together here from ONNX's own LSTM, which takes the
length of every sequence, so that padding is never read.
"""

from pathlib import Path

import numpy as np
import onnx
import torch
from onnx import TensorProto, helper, numpy_helper
from onnxruntime.transformers import optimizer
from onnxruntime.transformers.fusion_options import FusionOptions
from torch import Tensor, nn
from transformers import BertModel

from graph import CRF
from saved import load_encoder, load_head
from text import Saved

OPSET = 18


class Hidden(nn.Module):
    """The encoder's last hidden states, of tensors alone."""

    def __init__(self, bert: BertModel) -> None:
        super().__init__()
        self.bert = bert

    def forward(self, ids: Tensor, mask: Tensor) -> Tensor:
        """[sentences, pieces] to [sentences, pieces, hidden]."""
        return self.bert(ids, attention_mask=mask).last_hidden_state


def encoder_graph(saved: Saved, path: Path, fuse: bool) -> onnx.ModelProto:
    """The encoder, exported to `path` and read back; with `fuse`, norms and activations are fused
    by ONNX Runtime's own optimiser, into operators that only it knows."""
    bert = load_encoder(saved.folder, attention="eager").eval()
    example = torch.full((2, 7), 5), torch.ones(2, 7, dtype=torch.long)
    sentences, pieces = torch.export.Dim("sentences"), torch.export.Dim("pieces", max=512)
    shape = {0: sentences, 1: pieces}
    torch.onnx.export(
        Hidden(bert),
        example,
        path,
        input_names=["ids", "mask"],
        output_names=["hidden"],
        dynamic_shapes={"ids": shape, "mask": shape},
        opset_version=OPSET,
        external_data=False,
    )
    if not fuse:
        return onnx.load(path)
    fused = optimizer.optimize_model(
        str(path),
        model_type="bert",
        num_heads=bert.config.num_attention_heads,
        hidden_size=bert.config.hidden_size,
        optimization_options=FusionOptions("bert"),
        opt_level=0,
    )
    return fused.model


def gates(tensor: np.ndarray) -> np.ndarray:
    """PyTorch's order of gates (input, forget, cell, output) in ONNX's (i, o, f, c)."""
    i, f, g, o = np.split(tensor, 4)
    return np.concatenate([i, o, f, g])


def append_head(model: onnx.ModelProto, saved: Saved) -> None:
    """Adds the BiLSTM and the linear layer behind `hidden`."""
    graph = model.graph
    head = {name: tensor.numpy() for name, tensor in load_head(saved.folder).items()}

    def constant(name: str, values: np.ndarray) -> str:
        graph.initializer.append(numpy_helper.from_array(values, name))
        return name

    def node(kind: str, inputs: list[str], output: str, **attributes: int | str | list[int]) -> str:
        graph.node.append(helper.make_node(kind, inputs, [output], name=output, **attributes))
        return output

    def both(kind: str, layer: int) -> list[np.ndarray]:
        return [gates(head[f"lstm.{kind}_l{layer}{way}"]) for way in ("", "_reverse")]

    graph.input.append(helper.make_tensor_value_info("lengths", TensorProto.INT32, ["sentences"]))
    x = node("Transpose", ["hidden"], "steps", perm=[1, 0, 2])
    joined = constant("joined", np.array([0, 0, 2 * saved.units], dtype=np.int64))
    for layer in range(saved.layers):
        weight, recurrent = np.stack(both("weight_ih", layer)), np.stack(both("weight_hh", layer))
        bias = np.concatenate([np.stack(both(f"bias_{p}", layer)) for p in ("ih", "hh")], axis=1)
        inputs = [
            x,
            constant(f"weight_{layer}", weight),
            constant(f"recurrent_{layer}", recurrent),
            constant(f"bias_{layer}", bias),
            "lengths",
        ]
        x = node(
            "LSTM", inputs, f"ways_{layer}", hidden_size=saved.units, direction="bidirectional"
        )
        x = node("Transpose", [x], f"side_{layer}", perm=[0, 2, 1, 3])
        x = node("Reshape", [x, joined], f"lstm_{layer}")
    x = node("Transpose", [x], "sentences_first", perm=[1, 0, 2])
    x = node("MatMul", [x, constant("fc_weight", head["fc.weight"].T.copy())], "product")
    node("Add", [x, constant("fc_bias", head["fc.bias"])], "emissions")
    del graph.output[:]
    shape = ["sentences", "pieces", len(saved.labels)]
    graph.output.append(helper.make_tensor_value_info("emissions", TensorProto.FLOAT, shape))


def export(saved: Saved, path: Path, fuse: bool) -> None:
    """Writes the graph, and beside it the CRF's scores."""
    model = encoder_graph(saved, path, fuse)
    append_head(model, saved)
    if fuse and all(opset.domain != "com.microsoft" for opset in model.opset_import):
        model.opset_import.append(helper.make_opsetid("com.microsoft", 1))
    onnx.checker.check_model(model)
    onnx.save(model, path)
    head = load_head(saved.folder)
    np.savez(
        path.with_name(CRF),
        start=head["crf.start_transitions"].numpy(),
        end=head["crf.end_transitions"].numpy(),
        transitions=head["crf.transitions"].numpy(),
    )
