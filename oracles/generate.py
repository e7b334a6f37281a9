"""Computes the reference values of this folder with PyTorch, transformers, pytorch-crf, tokenizers,
SentencePiece, scikit-learn and seqeval.

    python oracles/generate.py            writes all files
    python oracles/generate.py --check    compares new values with the stored ones
    python oracles/generate.py FOLDER     writes all files to another folder

The README here describes the files.
"""

import json
import sys
import tempfile
import warnings
from pathlib import Path

import families
import masked
import numpy as np
import torch
import unigram
from safetensors.torch import load_file, save_file
from seqeval.metrics import classification_report
from seqeval.scheme import BILOU, IOB1, IOB2, IOBES
from sklearn.metrics import f1_score
from sklearn.model_selection import train_test_split
from tokenizers import Tokenizer, models, normalizers, pre_tokenizers, processors
from torchcrf import CRF
from transformers import BertConfig, BertModel, XLMRobertaConfig, XLMRobertaModel

TAGS = 7
BERT = {
    "model_type": "bert",
    "vocab_size": 120,
    "hidden_size": 32,
    "num_hidden_layers": 2,
    "num_attention_heads": 4,
    "intermediate_size": 64,
    "max_position_embeddings": 64,
    "type_vocab_size": 2,
    "hidden_act": "gelu",
    "hidden_dropout_prob": 0.0,
    "attention_probs_dropout_prob": 0.0,
    "layer_norm_eps": 1e-12,
    "pad_token_id": 0,
}
# Positions count from the padding id, and token types have one row.
ROBERTA = BERT | {
    "model_type": "xlm-roberta",
    "vocab_size": 90,
    "hidden_size": 24,
    "num_attention_heads": 3,
    "intermediate_size": 40,
    "max_position_embeddings": 32,
    "type_vocab_size": 1,
    "layer_norm_eps": 1e-5,
    "pad_token_id": 1,
}


def draw(module, random):
    """Sets all parameters from `random`, in the order of their names."""
    with torch.no_grad():
        for name, parameter in sorted(module.named_parameters()):
            shape = tuple(parameter.shape)
            if name.startswith(("lstm", "fc", "crf")):
                bound = {"l": 0.25, "f": 0.18, "c": 0.1}[name[0]]
                values = random.uniform(-bound, bound, shape)
            else:
                values = random.normal(0.0, 0.05, shape) + name.endswith("LayerNorm.weight")
            parameter.copy_(torch.tensor(values))


class Tagger(torch.nn.Module):
    """BERT, a two-layer BiLSTM over each sentence's own length, a linear layer and a CRF."""

    def __init__(self):
        super().__init__()
        self.bert = BertModel(BertConfig(**BERT), add_pooling_layer=False)
        self.lstm = torch.nn.LSTM(BERT["hidden_size"], 16, num_layers=2, bidirectional=True, batch_first=True)
        self.fc = torch.nn.Linear(32, TAGS)
        self.crf = CRF(TAGS, batch_first=True)

    def forward(self, ids, mask):
        """Hidden states and emissions, both [sentences, longest, width]."""
        hidden = self.bert(ids, attention_mask=mask).last_hidden_state
        packed = torch.nn.utils.rnn.pack_padded_sequence(
            hidden, mask.sum(1), batch_first=True, enforce_sorted=False
        )
        out, _ = torch.nn.utils.rnn.pad_packed_sequence(self.lstm(packed)[0], batch_first=True)
        return hidden, self.fc(out)

    def loss(self, ids, mask, tags):
        """Mean negative log-likelihood of the tags."""
        return -self.crf(self(ids, mask)[1], tags, mask.bool(), reduction="mean")


def padded(rows):
    """A tensor [rows, longest] and its mask."""
    tensors = [torch.tensor(row) for row in rows]
    mask = [torch.ones_like(row) for row in tensors]
    return tuple(torch.nn.utils.rnn.pad_sequence(x, batch_first=True) for x in (tensors, mask))


def marginals(crf, emissions):
    """Tag probabilities [length, tags] and the log partition function of one sentence, in double precision."""
    emissions = emissions.double().requires_grad_()
    start, end, transitions = (p.detach().double() for p in (crf.start_transitions, crf.end_transitions, crf.transitions))
    score = start + emissions[0]
    for row in emissions[1:]:
        score = torch.logsumexp(score.unsqueeze(1) + transitions, dim=0) + row
    partition = torch.logsumexp(score + end, dim=0)
    partition.backward()
    return emissions.grad, partition.detach()


def five_steps(model, batch, optimizer):
    """The losses before each of five steps and the parameters after them."""
    losses = []
    for _ in range(5):
        optimizer.zero_grad()
        loss = model.loss(*batch)
        losses.append(loss.item())
        loss.backward()
        optimizer.step()
    return losses, model.state_dict()


def trained(start, batch, kind):
    """Five steps of `kind` from the parameters `start`."""
    model = Tagger()
    model.load_state_dict(start)
    factor, decay = (100.0, 0.5) if kind.endswith("_strong") else (1.0, None)
    groups = [("bert", 3e-5), ("lstm", 5e-3), ("crf", 5e-5)]
    if kind.startswith("adamw"):
        groups.append(("fc", 1e-3))
        optimizer, decay = torch.optim.AdamW, decay or 0.01
    else:
        optimizer, decay = torch.optim.Adam, decay or 0.02
    optimizer = optimizer(
        [{"params": list(getattr(model, part).parameters()), "lr": rate * factor} for part, rate in groups],
        weight_decay=decay,
    )
    return five_steps(model, batch, optimizer)


def by_layer(start, batch, optimizer):
    """Five steps with a learning rate for each layer of BERT and without decay of biases and normalisations."""
    model = Tagger()
    model.load_state_dict(start)
    rates = {"bert.embeddings": 3e-4 * 0.6**2, "bert.encoder.layer.0": 3e-4 * 0.6, "bert.encoder.layer.1": 3e-4}
    rates |= {"lstm": 5e-4, "fc": 1e-3, "crf": 5e-4}
    groups = []
    for name, parameter in model.named_parameters():
        (rate,) = [rate for part, rate in rates.items() if name.startswith(f"{part}.")]
        kept = "bias" in name or "LayerNorm.weight" in name
        groups.append({"params": [parameter], "lr": rate, "weight_decay": 0.0 if kept else 0.5})
    return five_steps(model, batch, optimizer(groups))


def layers():
    """layers.json and layers.safetensors: five steps from the parameters of tagger.safetensors on its sentences."""
    described, tensors = tagger()
    start = {name.removeprefix("param."): value for name, value in tensors.items() if name.startswith("param.")}
    ids, mask = padded([s["ids"] for s in described["sentences"]])
    tags, _ = padded([s["tags"] for s in described["sentences"]])
    losses, ends = {}, {}
    for kind, optimizer in (("adam_l2", torch.optim.Adam), ("adamw", torch.optim.AdamW)):
        losses[kind], end = by_layer(start, (ids, mask, tags), optimizer)
        ends |= {f"{kind}.{name}": value for name, value in end.items()}
    return {"losses": losses}, ends


def tagger():
    """tagger.json and tagger.safetensors.

    Where a gradient is near zero, its rounding decides the direction of Adam's first step. With this seed single and double
    precision take the same steps.
    """
    random = np.random.RandomState(2)
    model = Tagger()
    draw(model, random)
    lengths = [11, 4, 7]
    sentences = [
        {"ids": random.randint(3, BERT["vocab_size"], n).tolist(), "tags": random.randint(0, TAGS, n).tolist()}
        for n in lengths
    ]
    ids, mask = padded([s["ids"] for s in sentences])
    tags, _ = padded([s["tags"] for s in sentences])
    hidden, emissions = model(ids, mask)
    crf = [marginals(model.crf, emissions[i, :n].detach()) for i, n in enumerate(lengths)]
    loss = model.loss(ids, mask, tags)
    loss.backward()

    def rows(x):
        return torch.cat([x[i, :n] for i, n in enumerate(lengths)])

    tensors = {
        "hidden": rows(hidden),
        "emissions": rows(emissions),
        "log_likelihood": model.crf(emissions, tags, mask.bool(), reduction="none"),
        "log_partition": torch.stack([partition for _, partition in crf]).float(),
        "marginals": torch.cat([m for m, _ in crf]).float(),
        "loss": loss.reshape(1),
    }
    start = {name: value.clone() for name, value in model.state_dict().items()}
    tensors |= {f"param.{name}": value for name, value in start.items()}
    tensors |= {f"grad.{name}": parameter.grad for name, parameter in model.named_parameters()}
    losses = {}
    for kind in ("adam_l2", "adamw", "adam_l2_strong", "adamw_strong"):
        losses[kind], end = trained(start, (ids, mask, tags), kind)
        tensors |= {f"{kind}.{name}": value for name, value in end.items()}
    best = model.crf.decode(emissions, mask.bool())
    return {"config": BERT, "sentences": sentences, "viterbi": best, "losses": losses}, tensors


def encoder():
    """encoder.json and encoder.safetensors."""
    random = np.random.RandomState(4)
    model = XLMRobertaModel(XLMRobertaConfig(**ROBERTA), add_pooling_layer=False).eval()
    draw(model, random)
    sentences = [random.randint(3, ROBERTA["vocab_size"], n).tolist() for n in (1, 9, 30, 2)]
    hidden = [model(torch.tensor([ids])).last_hidden_state[0] for ids in sentences]
    tensors = {f"param.{name}": value for name, value in model.state_dict().items()}
    return {"config": ROBERTA, "sentences": sentences}, tensors | {"hidden": torch.cat(hidden)}


def crf():
    """crf.json: scores so large that best paths vary."""
    random = np.random.RandomState(3)
    model = CRF(TAGS, batch_first=True)
    with torch.no_grad():
        for _, parameter in sorted(model.named_parameters()):
            parameter.copy_(torch.tensor(random.normal(0.0, 1.0, tuple(parameter.shape))))
    sequences = []
    for n in (9, 1, 5, 12, 2, 7):
        emissions = torch.tensor(random.normal(0.0, 2.0, (1, n, TAGS)), dtype=torch.float32)
        tags = torch.tensor(random.randint(0, TAGS, (1, n)))
        sequences.append(
            {
                "emissions": emissions[0].tolist(),
                "tags": tags[0].tolist(),
                "log_likelihood": model(emissions, tags).item(),
                "viterbi": model.decode(emissions)[0],
            }
        )
    return {
        "start": model.start_transitions.tolist(),
        "end": model.end_transitions.tolist(),
        "transitions": model.transitions.tolist(),
        "sequences": sequences,
    }


def splits():
    """splits.json: 80 % for training, the rest halved."""
    cases = []
    for n in (10, 37, 300, 720, 5520):
        for seed in (42, 0, 7):
            train, rest = train_test_split(range(n), test_size=0.2, random_state=seed)
            dev, test = train_test_split(rest, test_size=0.5, random_state=seed)
            cases.append({"n": n, "seed": seed, "train": train, "dev": dev, "test": test})
    return cases


def metrics():
    """metrics.json: random tags, few to many of them `O`, and predictions that repeat about half of them."""
    random = np.random.RandomState(5)
    types = ["PER", "ORG", "LOC"]
    tags = [f"{prefix}-{entity_type}" for entity_type in types for prefix in "BI"]

    def sentence(n, outside):
        return ["O" if random.uniform() < outside else tags[random.randint(0, len(tags))] for _ in range(n)]

    def valid(sentence):
        """The tags with every `I-` that continues nothing made a `B-`."""
        out = []
        for tag in sentence:
            continues = out and out[-1] != "O" and out[-1][2:] == tag[2:]
            out.append(f"B-{tag[2:]}" if tag.startswith("I-") and not continues else tag)
        return out

    cases = []
    for number in range(60):
        gold, pred = [], []
        outside = [0.1, 0.5, 0.95][number % 5 % 3]
        for _ in range(random.randint(1, 6)):
            n = random.randint(1, 12)
            one, other = sentence(n, outside), sentence(n, outside)
            keep = random.uniform(size=n) < 0.5
            other = [a if same else b for a, b, same in zip(one, other, keep)]
            gold.append(valid(one) if number % 3 else one)
            pred.append(valid(other) if number % 2 else other)
        words = [[tag for sentence in side for tag in sentence] for side in (gold, pred)]
        cases.append(
            {
                "gold": gold,
                "pred": pred,
                "seqeval_default": classification_report(gold, pred, output_dict=True, zero_division=0),
                "seqeval_strict_iob2": classification_report(
                    gold, pred, output_dict=True, zero_division=0, mode="strict", scheme=IOB2
                ),
                "token_micro_f1": f1_score(*words, average="micro"),
                "token_macro_f1": f1_score(*words, average="macro", zero_division=0),
            }
        )
    return cases


def schemes():
    """schemes.json: 250 pairs of tag sequences for each scheme, one side or both of them broken in three of four."""
    random = np.random.RandomState(7)
    types = ["PER", "ORG", "LOC"]
    letters = {"IOB1": "BI", "IOB2": "BI", "BIOES": "BIES", "BILOU": "BILU"}
    classes = {"IOB1": IOB1, "IOB2": IOB2, "BIOES": IOBES, "BILOU": BILOU}

    def broken(n, scheme):
        tags = [f"{letter}-{entity_type}" for entity_type in types for letter in letters[scheme]]
        return ["O" if random.uniform() < 0.25 else tags[random.randint(0, len(tags))] for _ in range(n)]

    def valid(n, scheme):
        tags, before = [], None
        while len(tags) < n:
            if random.uniform() < 0.4:
                tags, before = tags + ["O"], None
                continue
            length = min(random.randint(1, 4), n - len(tags))
            entity_type = types[random.randint(0, len(types))]
            inside = ["I"] * (length - 2)
            if scheme in ("IOB1", "IOB2"):
                first = "B" if scheme == "IOB2" or before == entity_type else "I"
                parts = [first] + ["I"] * (length - 1)
            else:
                parts = [letters[scheme][3]] if length == 1 else ["B", *inside, letters[scheme][2]]
            tags, before = tags + [f"{part}-{entity_type}" for part in parts], entity_type
        return tags

    def known(tags):
        """BILOU in the letters that seqeval's default mode knows."""
        return [{"L": "E", "U": "S"}.get(tag[0], tag[0]) + tag[1:] for tag in tags]

    def scores(gold, predicted, **mode):
        report = classification_report([gold], [predicted], output_dict=True, zero_division=0, **mode)
        micro, average = report["micro avg"], report["macro avg"]
        return [micro["precision"], micro["recall"], micro["f1-score"], average["f1-score"]]

    cases = []
    for number in range(1000):
        scheme = list(classes)[number % 4]
        n = random.randint(1, 11)
        gold = (broken if number // 4 % 2 else valid)(n, scheme)
        predicted = (broken if number // 8 % 2 else valid)(n, scheme)
        # Some entities are equal on both sides.
        cut = random.randint(0, n + 1)
        predicted = gold[:cut] + predicted[cut:]
        cases.append(
            {
                "scheme": scheme,
                "gold": " ".join(gold),
                "predicted": " ".join(predicted),
                "default": scores(known(gold), known(predicted)),
                "strict": scores(gold, predicted, mode="strict", scheme=classes[scheme]),
            }
        )
    return cases


WORDS = [
    "Krajan je wčera w Budyšinje rěčał .",
    "Tórshavn er høvuðsstaður í Føroyum .",
    "Ny renivohitr' i Madagasikara dia Antananarivo ,",
    "« Россия » и Чӑваш Республики 1920",
    "पटना बिहार के राजधानी हवे ।",
    "2.5 € – x",
]


def pieces():
    """pieces.json: an XLM-R-like tokenizer, and the pieces of whole sentences of words."""
    words = [word for sentence in WORDS for word in sentence.split()]
    counts = {}
    for word in words:
        marked = f"▁{word}"
        for start in range(len(marked)):
            for end in range(start + 1, min(len(marked), start + 4) + 1):
                counts[marked[start:end]] = counts.get(marked[start:end], 0) + 1
    # Frequent and long parts score high. The euro sign is left out, so that it becomes the unknown piece.
    found = sorted((part, n) for part, n in counts.items() if (n > 1 or len(part) == 1) and "€" not in part)
    vocabulary = [("<s>", 0.0), ("<pad>", 0.0), ("</s>", 0.0), ("<unk>", 0.0)]
    vocabulary += [(part, float(np.log(n * len(part) ** 3 / 1000))) for part, n in found]
    tokenizer = Tokenizer(models.Unigram(vocabulary, unk_id=3))
    tokenizer.normalizer = normalizers.NFKC()
    tokenizer.pre_tokenizer = pre_tokenizers.Metaspace(replacement="▁", prepend_scheme="always")
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", pair="<s> $A </s> $B </s>", special_tokens=[("<s>", 0), ("</s>", 2)]
    )
    sentences = []
    for sentence in WORDS:
        encoding = tokenizer.encode(sentence.split(), is_pretokenized=True)
        of_words = [[] for _ in sentence.split()]
        for word, piece in zip(encoding.word_ids, encoding.ids):
            if word is not None:
                of_words[word].append(piece)
        sentences.append({"words": sentence.split(), "pieces": of_words, "framed": encoding.ids})
    return {"tokenizer": json.loads(tokenizer.to_str()), "sentences": sentences}


def plain(value):
    """The value with numpy's numbers as Python's, and with null for NaN, which JSON does not have."""
    if isinstance(value, dict):
        return {str(key): plain(inner) for key, inner in value.items()}
    if isinstance(value, (list, tuple)):
        return [plain(inner) for inner in value]
    if isinstance(value, np.generic):
        value = value.item()
    return None if isinstance(value, float) and np.isnan(value) else value


def write(folder):
    """Writes all files."""
    of_families = (
        families.distilbert,
        families.electra,
        families.pooler,
        families.roberta,
        families.modernbert,
        families.deberta,
    )
    of_masked = (
        masked.masked_bert,
        masked.masked_roberta,
        masked.masked_electra,
        masked.masked_distilbert,
        masked.masked_modernbert,
    )
    for make in (tagger, layers, encoder, *of_families, *of_masked, crf, pieces, splits, metrics, schemes):
        made = make()
        values, tensors = made if isinstance(made, tuple) else (made, None)
        text = json.dumps(plain(values), allow_nan=False)
        (folder / f"{make.__name__}.json").write_text(text + "\n", encoding="utf-8")
        if tensors:
            tensors = {name: value.detach().float().contiguous() for name, value in tensors.items()}
            save_file(tensors, folder / f"{make.__name__}.safetensors")
        if make is families.electra:
            families.write_checkpoints(folder, tensors)
    for make in (unigram.unigram, unigram.spm):
        (folder / f"{make.__name__}.json").write_text(json.dumps(make(folder)) + "\n", encoding="utf-8")


def differences(a, b, path):
    """The paths at which two JSON values differ, numbers by more than a relative error of 1e-3."""
    if isinstance(a, dict) and isinstance(b, dict) and a.keys() == b.keys():
        for key in a:
            yield from differences(a[key], b[key], f"{path}.{key}")
    elif isinstance(a, list) and isinstance(b, list) and len(a) == len(b):
        for at, pair in enumerate(zip(a, b)):
            yield from differences(*pair, f"{path}[{at}]")
    elif isinstance(a, float) and isinstance(b, float):
        if abs(a - b) > 1e-3 * max(abs(a), abs(b)):
            yield f"{path}: {a} stored, {b} computed"
    elif a != b:
        yield f"{path}: {a} stored, {b} computed"


def check(stored, computed):
    """The differences between the files of two folders."""
    for file in sorted(computed.iterdir()):
        if file.suffix == ".json":
            old, new = (json.loads((folder / file.name).read_text(encoding="utf-8")) for folder in (stored, computed))
            yield from differences(old, new, file.name)
            continue
        if file.suffix == ".bin":  # contains addresses in memory
            continue
        if file.suffix == ".model":
            if (stored / file.name).read_bytes() != file.read_bytes():
                yield f"{file.name}: other bytes"
            continue
        old, new = load_file(stored / file.name), load_file(file)
        if old.keys() != new.keys():
            yield f"{file.name}: other tensors"
            continue
        largest = max(value.norm() for name, value in old.items() if name.startswith("grad.")) if "loss" in old else 0.0
        for name in old:
            floor = 1e-6 * largest if name.startswith("grad.") else 1e-12
            error = (old[name] - new[name]).norm() / max(old[name].norm(), floor)
            if not error < 1e-3:
                yield f"{file.name}: {name}: relative error {error:.1e}"


def main():
    warnings.simplefilter("ignore")
    torch.set_num_threads(1)
    here = Path(__file__).parent
    if sys.argv[1:] == ["--check"]:
        with tempfile.TemporaryDirectory() as folder:
            write(Path(folder))
            found = list(check(here, Path(folder)))
        print("\n".join(found) or "the stored values agree")
        sys.exit(bool(found))
    write(Path(sys.argv[1]) if len(sys.argv) > 1 else here)


if __name__ == "__main__":
    main()
