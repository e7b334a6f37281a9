"""Encoders and model folders on disk."""

import json
import shutil
from pathlib import Path

import torch
import transformers
from safetensors import safe_open
from safetensors.torch import save_file
from transformers import BertConfig, BertModel

from model import BertBilstmCrf
from text import Saved

HEAD = ("lstm.", "fc.", "crf.")


def load_encoder(folder: Path, attention: str = "sdpa") -> BertModel:
    """A BERT encoder in float32, without a pooler; `attention` is its implementation."""
    transformers.logging.set_verbosity_error()
    transformers.logging.disable_progress_bar()
    return BertModel.from_pretrained(
        folder,
        dtype=torch.float32,
        add_pooling_layer=False,
        attn_implementation=attention,
        local_files_only=True,
    )


def load_head(folder: Path) -> dict[str, torch.Tensor]:
    """The tensors of a saved tagger that are not its encoder's."""
    with safe_open(folder / "model.safetensors", "pt") as file:
        names = [name for name in file.keys() if name.startswith(HEAD)]  # noqa: SIM118
        return {name: file.get_tensor(name) for name in names}


def load(saved: Saved) -> BertBilstmCrf:
    """The tagger that Gleaner saved, ready to label."""
    model = BertBilstmCrf(load_encoder(saved.folder), saved.labels, saved.units, saved.layers)
    missing, surplus = model.load_state_dict(load_head(saved.folder), strict=False)
    if surplus or any(name.startswith(HEAD) for name in missing):
        raise SystemExit(f"{saved.folder}: not this head: {missing}, {surplus}")
    if saved.constraints:
        model.constrain(saved.labels)
    return model.eval()


def write_random_base(folder: Path, tokenizer: Path) -> None:
    """An encoder of the shapes of bert-base-multilingual-cased, with random weights."""
    config = BertConfig(vocab_size=119_547)
    config.architectures = ["BertModel"]
    torch.manual_seed(42)
    bert = BertModel(config, add_pooling_layer=False)
    tensors = {f"bert.{name}": tensor for name, tensor in bert.state_dict().items()}
    folder.mkdir(parents=True, exist_ok=True)
    shutil.copyfile(tokenizer, folder / "tokenizer.json")
    (folder / "config.json").write_text(json.dumps(config.to_dict(), indent=1) + "\n")
    unfinished = folder / "model.safetensors.part"
    save_file(tensors, unfinished, metadata={"format": "pt"})
    unfinished.replace(folder / "model.safetensors")
