"""Reference values of masked-language models: losses and gradients of the head, the encoder and the tied embeddings."""

import families
import numpy as np
import torch
from transformers import (
    BertConfig,
    BertForMaskedLM,
    DistilBertConfig,
    DistilBertForMaskedLM,
    ElectraConfig,
    ElectraForMaskedLM,
    ModernBertConfig,
    ModernBertForMaskedLM,
    XLMRobertaConfig,
    XLMRobertaForMaskedLM,
)

BERT = {
    "model_type": "bert",
    "vocab_size": 50,
    "hidden_size": 12,
    "num_hidden_layers": 2,
    "num_attention_heads": 3,
    "intermediate_size": 20,
    "max_position_embeddings": 24,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
ROBERTA = BERT | {"model_type": "xlm-roberta", "type_vocab_size": 1, "layer_norm_eps": 1e-5, "pad_token_id": 1}
ELECTRA = BERT | {"model_type": "electra", "embedding_size": 8}
DISTILBERT = families.DISTILBERT | {
    "vocab_size": 50,
    "dim": 12,
    "hidden_dim": 20,
    "max_position_embeddings": 24,
}
# The head's activation and biases are settings of their own, here with their defaults.
MODERNBERT = families.MODERNBERT | {"vocab_size": 50, "hidden_size": 12, "intermediate_size": 14}
MASK = 4


def values(model, config, seed):
    """The cross-entropy of the hidden pieces, summed over them, and its gradients."""
    random = np.random.RandomState(seed)
    model.eval()
    families.draw(model, random)
    sequences = []
    for n in (7, 1, 20, 12):
        ids = random.randint(5, config["vocab_size"], n)
        places = np.flatnonzero(random.uniform(size=n) < 0.3)
        seen = ids.copy()
        # Most hidden pieces are masked, some are seen as they are.
        seen[places[random.uniform(size=len(places)) < 0.8]] = MASK
        sequences.append({"ids": seen.tolist(), "places": places.tolist(), "hidden": ids[places].tolist()})
    loss = torch.zeros(())
    for s in sequences:
        scores = model(torch.tensor([s["ids"]])).logits[0]
        places, hidden = (torch.tensor(s[key], dtype=torch.long) for key in ("places", "hidden"))
        loss = loss + torch.nn.functional.cross_entropy(scores[places], hidden, reduction="sum")
    loss.backward()
    prefix = f"{model.base_model_prefix}."
    tensors = {"loss": loss.reshape(1)}
    # A tied parameter has several names: that of the encoder counts, otherwise the shortest.
    names = {}
    for name, parameter in model.named_parameters(remove_duplicate=False):
        names.setdefault(parameter, []).append(name)
    for parameter, of_parameter in names.items():
        name = min(of_parameter, key=lambda name: (not name.startswith(prefix), len(name)))
        tensors[f"param.{name}"] = parameter
        gradient = torch.zeros_like(parameter) if parameter.grad is None else parameter.grad
        if name.startswith(prefix):
            for own, part in families.of_bert(name.removeprefix(prefix), gradient):
                tensors[f"grad.{own}"] = part
        else:
            tensors[f"grad.{name}"] = gradient
    return {"config": config, "class": type(model).__name__, "sequences": sequences}, tensors


def masked_bert():
    """masked_bert.json and masked_bert.safetensors."""
    return values(BertForMaskedLM(BertConfig(**BERT)), BERT, 11)


def masked_roberta():
    """masked_roberta.json and masked_roberta.safetensors."""
    return values(XLMRobertaForMaskedLM(XLMRobertaConfig(**ROBERTA)), ROBERTA, 12)


def masked_electra():
    """masked_electra.json and masked_electra.safetensors."""
    return values(ElectraForMaskedLM(ElectraConfig(**ELECTRA)), ELECTRA, 13)


def masked_distilbert():
    """masked_distilbert.json and masked_distilbert.safetensors."""
    return values(DistilBertForMaskedLM(DistilBertConfig(**DISTILBERT)), DISTILBERT, 14)


def masked_modernbert():
    """masked_modernbert.json and masked_modernbert.safetensors."""
    return values(ModernBertForMaskedLM(ModernBertConfig(**MODERNBERT)), MODERNBERT, 15)
