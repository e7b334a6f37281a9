"""Reference values of further families of encoders: hidden states, gradients, and checkpoints of PyTorch."""

import numpy as np
import torch
from transformers import (
    BertConfig,
    BertModel,
    CamembertConfig,
    CamembertModel,
    DebertaV2Config,
    DebertaV2Model,
    DistilBertConfig,
    DistilBertModel,
    ElectraConfig,
    ElectraModel,
    ModernBertConfig,
    ModernBertModel,
    RobertaConfig,
    RobertaModel,
    XLMRobertaConfig,
    XLMRobertaModel,
)
from transformers.models.deberta_v2.modeling_deberta_v2 import make_log_bucket_position

TAGS = 7
DISTILBERT = {
    "model_type": "distilbert",
    "vocab_size": 90,
    "dim": 24,
    "n_layers": 2,
    "n_heads": 3,
    "hidden_dim": 40,
    "max_position_embeddings": 32,
    "dropout": 0.0,
    "attention_dropout": 0.0,
    "activation": "gelu",
    "pad_token_id": 0,
}
ELECTRA = {
    "model_type": "electra",
    "vocab_size": 90,
    "embedding_size": 16,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
# LaBSE is a BERT with a pooler.
POOLER = {key: value for key, value in ELECTRA.items() if key != "embedding_size"} | {"model_type": "bert"}
# Positions count from the padding id, and token types have one row.
ROBERTA = POOLER | {"model_type": "roberta", "type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1}
# The second layer sees 4 pieces to each side.
MODERNBERT = {
    "model_type": "modernbert",
    "vocab_size": 90,
    "hidden_size": 24,
    "num_hidden_layers": 3,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 64,
    "hidden_activation": "gelu",
    "norm_eps": 1e-5,
    "global_attn_every_n_layers": 2,
    "global_rope_theta": 160000.0,
    "local_rope_theta": 10000.0,
    "local_attention": 8,
    "pad_token_id": 0,
}
DEBERTA = {
    "model_type": "deberta-v2",
    "vocab_size": 90,
    "hidden_size": 24,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
    "type_vocab_size": 0,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "layer_norm_eps": 1e-7,
    "relative_attention": True,
    "position_buckets": 8,
    "norm_rel_ebd": "layer_norm",
    "share_att_key": True,
    "pos_att_type": "p2c|c2p",
    "max_relative_positions": -1,
    "position_biased_input": False,
    "pad_token_id": 0,
}

OF_PRE_TRAINING = [
    "deberta.embeddings.word_embeddings._weight",
    "deberta.embeddings.position_embeddings._weight",
    "deberta.embeddings.position_embeddings.weight",
    "lm_predictions.lm_head.bias",
    "mask_predictions.classifier.bias",
]

# Parts of the names of DistilBERT, ModernBERT and DeBERTa, and those of BERT, with which Gleaner names parameters.
OF_BERT = [
    ("transformer.layer", "encoder.layer"),
    ("attention.q_lin", "attention.self.query"),
    ("attention.k_lin", "attention.self.key"),
    ("attention.v_lin", "attention.self.value"),
    ("attention.out_lin", "attention.output.dense"),
    ("sa_layer_norm", "attention.output.LayerNorm"),
    ("ffn.lin1", "intermediate.dense"),
    ("ffn.lin2", "output.dense"),
    ("output_layer_norm", "output.LayerNorm"),
    ("layers", "encoder.layer"),
    ("tok_embeddings", "word_embeddings"),
    ("embeddings.norm", "embeddings.LayerNorm"),
    ("attn.Wo", "attention.output.dense"),
    ("attn_norm", "attention.output.LayerNorm"),
    ("mlp.Wi", "intermediate.dense"),
    ("mlp.Wo", "output.dense"),
    ("mlp_norm", "output.LayerNorm"),
    ("_proj.", "."),
]


def of_bert(name, value):
    """The names in Gleaner of a tensor's parts, and the parts."""
    if name.startswith(("transformer.", "layers.", "embeddings.", "encoder.")):
        for own, other in OF_BERT:
            name = name.replace(own, other)
    if "attn.Wqkv" in name:
        for part, rows in zip(("query", "key", "value"), value.chunk(3)):
            yield "bert." + name.replace("attn.Wqkv", f"attention.self.{part}"), rows
    else:
        yield f"bert.{name}", value


def draw(module, random):
    """Sets all parameters from `random`, in the order of their names."""
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            is_scale = "norm.weight" in name.lower()
            values = random.normal(0.0, 0.05, tuple(parameter.shape)) + is_scale
            parameter.copy_(torch.tensor(values))


def values(model, config, seed, prefix):
    """Hidden states, and the gradients of the cross-entropy of a linear layer's tags, summed over positions."""
    random = np.random.RandomState(seed)
    model.eval()
    linear = torch.nn.Linear(24, TAGS)
    draw(model, random)
    draw(linear, random)
    sentences = [
        {
            "ids": random.randint(3, config["vocab_size"], n).tolist(),
            "tags": random.randint(0, TAGS, n).tolist(),
        }
        for n in (1, 9, 30, 2)
    ]
    hidden = torch.cat([model(torch.tensor([s["ids"]])).last_hidden_state[0] for s in sentences])
    tags = torch.tensor([tag for s in sentences for tag in s["tags"]])
    loss = torch.nn.functional.cross_entropy(linear(hidden), tags, reduction="sum")
    loss.backward()
    tensors = {f"param.{prefix}{name}": value for name, value in model.state_dict().items()}
    tensors |= {f"param.fc.{name}": value for name, value in linear.state_dict().items()}
    tensors |= {
        f"grad.{own}": gradient
        for name, parameter in model.named_parameters()
        if parameter.grad is not None
        for own, gradient in of_bert(name, parameter.grad)
    }
    tensors |= {f"grad.fc.{name}": parameter.grad for name, parameter in linear.named_parameters()}
    tensors |= {"hidden": hidden, "loss": loss.reshape(1)}
    return {"config": config, "sentences": sentences}, tensors


def distilbert():
    """distilbert.json and distilbert.safetensors."""
    return values(DistilBertModel(DistilBertConfig(**DISTILBERT)), DISTILBERT, 6, "distilbert.")


def electra():
    """electra.json and electra.safetensors."""
    return values(ElectraModel(ElectraConfig(**ELECTRA)), ELECTRA, 7, "electra.")


def pooler():
    """pooler.json and pooler.safetensors."""
    return values(BertModel(BertConfig(**POOLER)), POOLER, 8, "")


def roberta():
    """roberta.json and roberta.safetensors, of three families that compute alike."""
    described, tensors = values(RobertaModel(RobertaConfig(**ROBERTA)), ROBERTA, 9, "roberta.")
    for model, config in ((XLMRobertaModel, XLMRobertaConfig), (CamembertModel, CamembertConfig)):
        _, others = values(model(config(**ROBERTA)), ROBERTA, 9, "roberta.")
        assert all(torch.equal(value, others[name]) for name, value in tensors.items())
    return described, tensors


def modernbert():
    """modernbert.json and modernbert.safetensors."""
    return values(ModernBertModel(ModernBertConfig(**MODERNBERT)), MODERNBERT, 10, "model.")


def deberta():
    """deberta.json and deberta.safetensors, with the buckets of distances from 0 on.

    Published files have tensors of pre-training too, here with one number each.
    """
    described, tensors = values(DebertaV2Model(DebertaV2Config(**DEBERTA)), DEBERTA, 12, "deberta.")
    tensors |= {f"param.{name}": torch.zeros(1) for name in OF_PRE_TRAINING}
    described["buckets"] = [
        {"buckets": buckets, "reach": reach, "of": buckets_of(buckets, reach)} for buckets, reach in ((256, 512), (8, 32))
    ]
    return described, tensors


def buckets_of(buckets, reach):
    """The buckets of distances from 0 on, also of some that are out of reach."""
    return make_log_bucket_position(torch.arange(reach + 40), buckets, reach).long().tolist()


def write_checkpoints(folder, tensors):
    """The parameters of `electra.safetensors` as `torch.save` writes them now, and as before PyTorch 1.6."""
    state = {
        name.removeprefix("param."): value.detach().contiguous()
        for name, value in tensors.items()
        if name.startswith("param.")
    }
    torch.save(state, folder / "checkpoint.bin")
    torch.save(state, folder / "checkpoint-1.5.bin", _use_new_zipfile_serialization=False)
