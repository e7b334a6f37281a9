"""Masked-language training of a BERT encoder, as `gleaner adapt` does it."""

import random
from dataclasses import dataclass
from pathlib import Path

import torch
import transformers
from torch import Tensor, nn
from transformers import BertForMaskedLM

from model import padded
from text import Pieced, Pieces, by_length, read_words, report

HIDDEN, MASKED, REPLACED = 0.15, 0.8, 0.1
MASK = ("[MASK]", "<mask>")


@dataclass(frozen=True)
class Plan:
    """What is trained, on what, and how."""

    encoder: Path
    text: Path
    steps: int
    batch: int
    length: int
    hidden_only: bool
    active_rows: bool
    bf16: bool
    seed: int


def pack(sentences: list[Pieced], frame: tuple[int, int], length: int) -> list[list[int]]:
    """Sequences of up to `length` pieces: consecutive sentences while they fit; longer ones are cut before a word."""
    room, sequences, current = length - 2, [], []
    for sentence in sentences:
        ids, starts = sentence.ids[1:-1], {start - 1 for start in sentence.starts[:-1]}
        starts = {len(current) + start for start in starts}
        if current and len(current) + len(ids) > room:
            sequences.append(current)
            starts = {start - len(current) for start in starts}
            current = []
        current = current + ids
        while len(current) > room:
            cut = next((at for at in range(room, 0, -1) if at in starts), room)
            sequences.append(current[:cut])
            current, starts = current[cut:], {start - cut for start in starts}
    sequences += [current] if current else []
    return [[frame[0], *ids, frame[1]] for ids in sequences]


class Trainer:
    """A training's state."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan, self.order = plan, random.Random(plan.seed)
        pieces = Pieces(plan.encoder)
        tokenizer = pieces.tokenizer
        self.mask = next(i for i in map(tokenizer.token_to_id, MASK) if i is not None)
        sentences = pieces.sentences(read_words(plan.text), 10_000)
        self.frame = (pieces.open, pieces.close)
        self.sequences = pack(sentences, self.frame, plan.length)
        transformers.logging.set_verbosity_error()
        transformers.logging.disable_progress_bar()
        self.model = BertForMaskedLM.from_pretrained(
            plan.encoder, dtype=torch.float32, attn_implementation="sdpa", local_files_only=True
        )
        self.pad = int(self.model.config.pad_token_id or 0)
        special = {*self.frame, self.mask, pieces.unknown}
        used = sorted({self.pad, self.mask}.union(*self.sequences))
        self.others = torch.tensor([row for row in used if row not in special])
        self.kept = torch.tensor([*self.frame, pieces.unknown, self.pad])
        if plan.active_rows:
            self.keep_rows(used)
        self.optimizer = torch.optim.AdamW(
            self.model.parameters(), lr=1e-4, weight_decay=0.01, fused=True
        )

    def keep_rows(self, used: list[int]) -> None:
        """Replaces the table of embeddings by the rows that the text uses."""
        place = {row: i for i, row in enumerate(used)}
        self.sequences = [[place[i] for i in ids] for ids in self.sequences]
        self.pad, self.mask = place[self.pad], place[self.mask]
        self.others = torch.tensor([place[i] for i in self.others.tolist()])
        self.kept = torch.tensor([place.get(i, -1) for i in self.kept.tolist()])
        table = self.model.get_input_embeddings().weight.data[used].clone()
        bias = self.model.cls.predictions.bias.data[used].clone()
        self.model.set_input_embeddings(nn.Embedding.from_pretrained(table, freeze=False))
        head = self.model.cls.predictions
        head.decoder = nn.Linear(table.shape[1], len(used), bias=False)
        head.decoder.weight = self.model.get_input_embeddings().weight
        head.bias = nn.Parameter(bias)
        head.decoder.bias = head.bias
        self.model.config.vocab_size = len(used)

    def hide(self, ids: Tensor) -> tuple[Tensor, Tensor]:
        """What the encoder sees, and which pieces it has to predict."""
        hidden = (torch.rand(ids.shape) < HIDDEN) & ~torch.isin(ids, self.kept)
        fate = torch.rand(ids.shape)
        seen = torch.where(hidden & (fate < MASKED), self.mask, ids)
        replaced = hidden & (fate >= MASKED) & (fate < MASKED + REPLACED)
        others = self.others[torch.randint(len(self.others), ids.shape)]
        return torch.where(replaced, others, seen), hidden

    def loss(self, ids: Tensor, lengths: Tensor) -> Tensor:
        """The mean cross-entropy of hidden pieces."""
        seen, hidden = self.hide(ids)
        mask = (torch.arange(ids.shape[1]) < lengths[:, None]).long()
        if not self.plan.hidden_only:
            labels = torch.where(hidden, ids, -100)
            return self.model(seen, attention_mask=mask, labels=labels).loss
        states = self.model.bert(seen, attention_mask=mask).last_hidden_state
        scores = self.model.cls(states[hidden])
        return nn.functional.cross_entropy(scores.float(), ids[hidden])

    def batches(self) -> list[list[list[int]]]:
        """Length-bucketed batches in random order."""
        lengths = [len(ids) for ids in self.sequences]
        found = [[self.sequences[i] for i in at] for at in by_length(lengths, self.plan.batch)]
        self.order.shuffle(found)
        return found

    def step(self, rows: list[list[int]]) -> None:
        """One step of the optimiser."""
        self.optimizer.zero_grad()
        lengths = torch.tensor([len(ids) for ids in rows])
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.bf16):
            loss = self.loss(padded(rows, self.pad), lengths)
        loss.backward()
        nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
        self.optimizer.step()


def run(plan: Plan) -> None:
    """Trains some steps; a line of JSON after each."""
    trainer = Trainer(plan)
    trainer.model.train()
    pieces, step = 0, 0
    report(
        event="start",
        sequences=len(trainer.sequences),
        pieces=sum(len(ids) - 2 for ids in trainer.sequences),
        threads=torch.get_num_threads(),
    )
    while step < plan.steps:
        for rows in trainer.batches()[: plan.steps - step]:
            trainer.step(rows)
            step += 1
            pieces += sum(map(len, rows))
            report(event="measured", record={"step": step, "pieces": pieces})
