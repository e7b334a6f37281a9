"""Labels words with a tagger that Gleaner exported, as `gleaner predict` does.

Import this file, which registers the classes below, and load the folder that it is in:

    import gleaner_tagger
    from transformers import AutoModelForTokenClassification, AutoTokenizer

    model = AutoModelForTokenClassification.from_pretrained(FOLDER)
    tokenizer = AutoTokenizer.from_pretrained(FOLDER)
    gleaner_tagger.tag(model, tokenizer, [["Anna", "bor", "í", "Havn", "."]])

Without the import, add `trust_remote_code=True` to both calls of `from_pretrained`; `model.tag(tokenizer, ...)` then
does the same. Needs torch, transformers and numpy.
"""

from bisect import bisect_left, bisect_right
from itertools import accumulate

import numpy as np
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence
from transformers import AutoConfig, AutoModel, AutoModelForTokenClassification, PretrainedConfig, PreTrainedModel
from transformers.modeling_outputs import TokenClassifierOutput

# The score of what is ruled out; finite, so that sums of it stay numbers.
NEVER = -1e30
# Encoders whose class has a pooler, which tagging does not use.
WITH_POOLER = ("bert", "roberta", "xlm-roberta", "camembert")


class GleanerConfig(PretrainedConfig):
    """The configuration of an encoder (`encoder_config`), and how its tagger labels (`gleaner`)."""

    model_type = "gleaner"

    def __init__(self, encoder_config=None, gleaner=None, **kwargs):
        super().__init__(**kwargs)
        self.encoder_config = encoder_config
        self.gleaner = gleaner


class Crf(nn.Module):
    """The scores of a linear-chain CRF: of starting and ending in a tag, and of a tag (row) before another (column)."""

    def __init__(self, tags):
        super().__init__()
        self.start_transitions = nn.Parameter(torch.zeros(tags))
        self.end_transitions = nn.Parameter(torch.zeros(tags))
        self.transitions = nn.Parameter(torch.zeros(tags, tags))


class GleanerForTokenClassification(PreTrainedModel):
    """An encoder with a linear layer, and a BiLSTM and a CRF where the tagger has them.

    `forward` returns emissions: one score of every tag at every piece. `tag` decodes them.
    """

    config_class = GleanerConfig
    base_model_prefix = "encoder"

    def __init__(self, config):
        super().__init__(config)
        settings = config.gleaner
        encoder = AutoConfig.for_model(**config.encoder_config)
        options = {"add_pooling_layer": False} if encoder.model_type in WITH_POOLER else {}
        self.encoder = AutoModel.from_config(encoder, **options)
        width, units = encoder.hidden_size, settings["lstm_units"]
        self.lstm = None
        if settings["head"] == "bilstm-crf":
            layers = settings["lstm_layers"]
            self.lstm = nn.LSTM(width, units, layers, batch_first=True, bidirectional=True)
            width = 2 * units
        self.classifier = nn.Linear(width, config.num_labels)
        self.crf = None if settings["head"] == "linear" else Crf(config.num_labels)
        self.post_init()

    def forward(self, input_ids, attention_mask=None, token_type_ids=None):
        """Emissions [sentences, pieces, tags]. Padding is on the right. Token types are ignored: all are the first."""
        if attention_mask is None:
            attention_mask = torch.ones_like(input_ids)
        hidden = self.encoder(input_ids=input_ids, attention_mask=attention_mask).last_hidden_state
        if self.lstm is not None:
            lengths = attention_mask.sum(dim=1).cpu()
            packed = pack_padded_sequence(hidden, lengths, batch_first=True, enforce_sorted=False)
            hidden, _ = pad_packed_sequence(self.lstm(packed)[0], batch_first=True, total_length=input_ids.shape[1])
        return TokenClassifierOutput(logits=self.classifier(hidden))

    def tag(self, tokenizer, sentences, batch_size=32):
        """The tags of sentences: see the function `tag`."""
        return tag(self, tokenizer, sentences, batch_size)


def tag(model, tokenizer, sentences, batch_size=32):
    """The IOB2 tags of sentences, which are lists of words; one list of tags per sentence.

    Long sentences are read in overlapping windows. `batch_size` is the number of windows that the model reads together.
    """
    settings = model.config.gleaner
    labels = [model.config.id2label[number] for number in range(model.config.num_labels)]
    start, transitions, end = scores(model, labels, settings["constraints"])
    sentences = [list(words) for words in sentences]
    windows = []  # (sentence, first word, end, piece ids, [(position of a label, its word or None)])
    for number, words in enumerate(sentences):
        pieces = word_pieces(tokenizer, words, settings)
        windows += [(number, *window) for window in cut(pieces, settings)]
    paths = [[] for _ in windows]
    order = sorted(range(len(windows)), key=lambda window: len(windows[window][3]))
    for at in range(0, len(order), batch_size):
        batch = order[at : at + batch_size]
        emissions = run(model, [windows[window][3] for window in batch], settings["padding"])
        for window, of_pieces in zip(batch, emissions):
            labelled = [position for position, _ in windows[window][4]]
            paths[window] = viterbi(of_pieces[labelled], start, transitions, end)
    tags = [["O"] * len(words) for words in sentences]
    nearest = [[-1] * len(words) for words in sentences]
    for (number, first, last, _, labelled), path in zip(windows, paths):
        count, seen = len(sentences[number]), set()
        for (_, word), label in zip(labelled, path):
            if word is None or word in seen:
                continue
            seen.add(word)
            # The window in which a word is furthest from an edge that is not an edge of the sentence decides about it.
            left = count if first == 0 else word - first
            right = count if last == count else last - 1 - word
            if min(left, right) > nearest[number][word]:
                nearest[number][word] = min(left, right)
                tags[number][word] = labels[label]
    return [repaired(of_sentence) for of_sentence in tags]


def scores(model, labels, constraints):
    """Start [tags], transition [tags, tags] and end scores [tags] in double precision, under the rules of IOB2 if there
    are constraints: I-X follows B-X or I-X only."""
    count, crf = len(labels), getattr(model, "crf", None)
    start, transitions, end = np.zeros(count), np.zeros((count, count)), np.zeros(count)
    if crf is not None:
        parameters = crf.start_transitions, crf.transitions, crf.end_transitions
        start, transitions, end = (p.detach().double().cpu().numpy().copy() for p in parameters)
    for number, name in enumerate(labels if constraints else []):
        if name.startswith("I-"):
            start[number] = NEVER
            before = [other not in (name, "B-" + name[2:]) for other in labels]
            transitions[before, number] = NEVER
    return start, transitions, end


def word_pieces(tokenizer, words, settings):
    """The ids of the pieces of each word, which is cut by itself; at least one."""
    if not words:
        return []
    pieces = tokenizer(words, add_special_tokens=False, truncation=False)["input_ids"]
    return [ids or [settings["unknown"]] for ids in pieces]


def cut(pieces, settings):
    """The windows of a sentence: first word, end, piece ids, and the labelled positions with their words."""
    starts, count = [0, *accumulate(map(len, pieces))], len(pieces)
    limit, kind = settings["max_pieces"], settings["piece_labels"]
    if count == 0:
        return []
    if kind == "repeated":
        # Words behind the limit are O, as published.
        last = bisect_left(starts, limit, hi=count)
        return [(0, last, *framed(pieces, starts, 0, last, settings))]
    windows, first = [], 0
    while True:
        last = max(first + 1, min(count, bisect_right(starts, starts[first] + limit) - 1))
        windows.append((first, last, *framed(pieces, starts, first, last, settings)))
        if last == count:
            return windows
        half = bisect_left(starts, starts[first] + limit // 2)
        first = min(max(half, first + 1), last)


def framed(pieces, starts, first, last, settings):
    """The ids of some words' pieces between the special pieces, and the labelled positions with their words."""
    (opening, closing), kind = settings["frame"], settings["piece_labels"]
    ids = [piece for word in pieces[first:last] for piece in word][: settings["max_pieces"]]
    labelled = []
    for word in range(first, last):
        begin, stop = starts[word] - starts[first], min(starts[word + 1] - starts[first], len(ids))
        stop = min(stop, begin + 1) if kind == "first" else stop
        labelled += [(position + 1, word) for position in range(begin, stop)]
    if kind == "repeated":
        labelled = [(0, None), *labelled, (len(ids) + 1, None)]
    return [opening, *ids, closing], labelled


@torch.inference_mode()
def run(model, sequences, padding):
    """The emissions of sequences of piece ids, in double precision: [sequences, pieces, tags]."""
    model.eval()
    longest = max(map(len, sequences))
    ids = torch.full((len(sequences), longest), padding)
    mask = torch.zeros_like(ids)
    for row, sequence in enumerate(sequences):
        ids[row, : len(sequence)] = torch.tensor(sequence)
        mask[row, : len(sequence)] = 1
    ids, mask = ids.to(model.device), mask.to(model.device)
    return model(input_ids=ids, attention_mask=mask).logits.double().cpu().numpy()


def viterbi(emissions, start, transitions, end):
    """The best tags of emissions [positions, tags]; the first tag wins a tie."""
    if len(emissions) == 0:
        return []
    score, origins = start + emissions[0], []
    for emission in emissions[1:]:
        paths = score[:, None] + transitions
        origins.append(paths.argmax(axis=0))
        score = paths.max(axis=0) + emission
    path = [int((score + end).argmax())]
    for origin in reversed(origins):
        path.append(int(origin[path[-1]]))
    return path[::-1]


def repaired(tags):
    """The tags, with B-X for every I-X that does not continue an entity of type X."""
    before, out = "O", []
    for name in tags:
        if name.startswith("I-") and before not in (name, "B-" + name[2:]):
            name = "B-" + name[2:]
        out.append(name)
        before = name
    return out


# With `trust_remote_code`, transformers registers the classes itself.
if not __name__.startswith("transformers_modules"):
    AutoConfig.register("gleaner", GleanerConfig, exist_ok=True)
    AutoModelForTokenClassification.register(GleanerConfig, GleanerForTokenClassification, exist_ok=True)
