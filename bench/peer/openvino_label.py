"""Labels with OpenVINO on the CPU, in float32 or int8, what Gleaner's saved tagger labels."""

import argparse
import tempfile
from pathlib import Path

import numpy as np

import graph
from text import Pieces, Saved, open_saved


class OpenVino(graph.Runtime):
    """OpenVINO's CPU plugin."""

    def export(self, saved: Saved, path: Path) -> None:
        """The graph in OpenVINO's format, not fused: OpenVINO fuses what it can on loading."""
        import openvino

        import onnx_export

        with tempfile.TemporaryDirectory(dir=path.parent) as folder:
            plain = Path(folder) / "plain.onnx"
            onnx_export.export(saved, plain, fuse=False)
            plain.with_name(graph.CRF).replace(path.with_name(graph.CRF))
            openvino.save_model(openvino.convert_model(plain), path, compress_to_fp16=False)

    def quantize(self, args: argparse.Namespace) -> None:
        """NNCF's post-training quantisation of weights and activations, as for any transformer."""
        import nncf
        import openvino

        import wikiann

        saved = open_saved(args.model)
        sentences = [sentence.words for sentence in wikiann.load(args.data).train]
        pieced = Pieces(args.model).sentences(sentences, saved.limit)
        samples = nncf.Dataset([graph.feeds([p], saved.pad) for p in pieced])
        quantized = nncf.quantize(
            openvino.Core().read_model(args.graph),
            samples,
            model_type=nncf.ModelType.TRANSFORMER,
            subset_size=len(pieced),
        )
        openvino.save_model(quantized, args.out, compress_to_fp16=False)

    def quantize_options(self, command: argparse.ArgumentParser) -> None:
        """What activations are measured on."""
        command.add_argument("--model", type=Path, required=True, help="the model of the graph")
        command.add_argument("--data", type=Path, required=True, help="WikiANN to calibrate with")

    def load(self, path: Path, threads: int, calls: int) -> list[graph.Infer]:
        """One compiled model, with a stream for each call."""
        import openvino

        settings = {
            # By default, OpenVINO computes in bfloat16 where the processor can.
            "INFERENCE_PRECISION_HINT": "f32",
            "INFERENCE_NUM_THREADS": threads,
            "NUM_STREAMS": calls,
        }
        compiled = openvino.Core().compile_model(path, "CPU", settings)

        def call() -> graph.Infer:
            request = compiled.create_infer_request()

            def infer(feeds: graph.Feeds) -> np.ndarray:
                return request.infer(feeds, share_inputs=True)["emissions"]

            return infer

        return [call() for _ in range(calls)]


if __name__ == "__main__":
    OpenVino().run(__doc__)
