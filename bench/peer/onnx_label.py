"""Labels with ONNX Runtime on the CPU, in float32 or int8, what Gleaner's saved tagger labels."""

import argparse
from pathlib import Path

import numpy as np

import graph
from text import Saved


class OnnxRuntime(graph.Runtime):
    """ONNX Runtime with its default settings."""

    def export(self, saved: Saved, path: Path) -> None:
        """The graph, with norms and activations fused by ONNX Runtime's own optimiser."""
        import onnx_export

        onnx_export.export(saved, path, fuse=True)

    def quantize(self, args: argparse.Namespace) -> None:
        """Dynamic quantisation: int8 weights with a scale per column, inputs measured per call."""
        from onnx import TensorProto
        from onnxruntime.quantization import QuantType, quantize_dynamic

        quantize_dynamic(
            args.graph,
            args.out,
            op_types_to_quantize=["MatMul"],
            per_channel=True,
            reduce_range=args.reduce_range,
            weight_type=QuantType.QInt8,
            # Types are not inferred behind fused operators.
            extra_options={"DefaultTensorType": TensorProto.FLOAT},
        )

    def quantize_options(self, command: argparse.ArgumentParser) -> None:
        """ONNX Runtime's advice for processors without VNNI."""
        command.add_argument(
            "--reduce-range",
            action="store_true",
            help="use 7 bits for weights, so that sums do not overflow without VNNI",
        )

    def load(self, path: Path, threads: int, calls: int) -> list[graph.Infer]:
        """One session for all calls; with one thread per call, each call computes by itself."""
        import onnxruntime

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = threads // calls
        options.inter_op_num_threads = 1
        session = onnxruntime.InferenceSession(path, options, ["CPUExecutionProvider"])

        def infer(feeds: graph.Feeds) -> np.ndarray:
            return session.run(["emissions"], feeds)[0]

        return [infer] * calls


if __name__ == "__main__":
    OnnxRuntime().run(__doc__)
