"""Training: Gleaner's recommended settings, and the published study's."""

import copy
import random
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import torch
from safetensors.torch import save_file
from torch import nn
from transformers import BertModel

import wikiann
from model import Batch, BertBilstmCrf, collate
from saved import load_encoder
from text import Pieces, report
from wikiann import Labelled

PUBLISHED_WIDTH = 80
BUCKET = 16


@dataclass(frozen=True)
class Plan:
    """What is trained, on what, and how."""

    encoder: Path
    data: Path
    variant: str
    bf16: bool
    active_rows: bool
    epochs: int
    batch: int
    seed: int
    out: Path | None

    @property
    def published(self) -> bool:
        """Whether the published study's settings are used."""
        return self.variant == "published"


@dataclass(frozen=True)
class Example:
    """A sentence as pieces; the indices of those that carry tags; their tags."""

    ids: list[int]
    units: list[int]
    tags: list[int]
    words: int


def examples(pieces: Pieces, sentences: list[Labelled], published: bool) -> list[Example]:
    """First pieces carry their word's tag; as published, all do, and special ones carry O."""
    limit = 10_000 if published else 510
    out = []
    for sentence, pieced in zip(
        sentences, pieces.sentences([s.words for s in sentences], limit), strict=True
    ):
        starts, words = pieced.starts, sentence.words
        if not published:
            out.append(Example(pieced.ids, starts[:-1], sentence.tags, len(words)))
            continue
        tags = [0]
        for word, tag in enumerate(sentence.tags):
            tags += [tag] * (starts[word + 1] - starts[word])
        inner = PUBLISHED_WIDTH - 2
        ids = [pieces.open, *pieced.ids[1:-1][:inner], pieces.close]
        tags = [*tags[: inner + 1], 0]
        kept = sum(start <= inner for start in starts[:-1])
        out.append(Example(ids, list(range(len(ids))), tags, kept))
    return out


class Trainer:
    """A training's state."""

    def __init__(self, plan: Plan) -> None:
        torch.manual_seed(plan.seed)
        self.plan = plan
        self.order = random.Random(plan.seed)
        self.split = wikiann.load(plan.data)
        pieces = Pieces(plan.encoder, fold_case=plan.published)
        parts = (self.split.train, self.split.dev, self.split.test)
        self.train, self.dev, self.test = (examples(pieces, p, plan.published) for p in parts)
        bert = load_encoder(plan.encoder)
        self.pad = int(bert.config.pad_token_id or 0)
        if plan.active_rows:
            self.keep_rows(bert)
        self.model = BertBilstmCrf(bert, self.split.labels, own_length=not plan.published)
        if not plan.published:
            self.model.constrain(self.split.labels)
        self.optimizer = self.make_optimizer()
        self.schedule = self.make_schedule()

    def keep_rows(self, bert: BertModel) -> None:
        """Replaces the table of embeddings by the rows that the texts use."""
        texts = self.train + self.dev + self.test
        used = sorted({self.pad}.union(*(e.ids for e in texts)))
        place = {row: i for i, row in enumerate(used)}
        for part in (self.train, self.dev, self.test):
            part[:] = [Example([place[i] for i in e.ids], e.units, e.tags, e.words) for e in part]
        self.pad = place[self.pad]
        table = bert.get_input_embeddings().weight.data[used].clone()
        bert.set_input_embeddings(
            nn.Embedding.from_pretrained(table, freeze=False, padding_idx=self.pad)
        )

    def make_optimizer(self) -> torch.optim.Optimizer:
        """One kernel a step for all parameters (`fused`), the fastest there is on a CPU."""
        model = self.model
        if self.plan.published:
            groups = [
                {"params": model.bert.parameters(), "lr": 3e-5},
                {"params": model.lstm.parameters(), "lr": 5e-3},
                {"params": model.crf.parameters(), "lr": 5e-5},
            ]
            return torch.optim.Adam(groups, weight_decay=0.02, fused=True)
        heads = [*model.lstm.parameters(), *model.fc.parameters(), *model.crf.parameters()]
        groups = [
            {"params": model.bert.parameters(), "lr": 5e-5},
            {"params": heads, "lr": 5e-3},
        ]
        return torch.optim.AdamW(groups, weight_decay=0.01, fused=True)

    def make_schedule(self) -> torch.optim.lr_scheduler.LRScheduler:
        """A tenth of the steps warm up, then the rates fall to zero; as published, plateaus."""
        if self.plan.published:
            return torch.optim.lr_scheduler.ReduceLROnPlateau(self.optimizer, patience=5)
        steps = self.plan.epochs * -(-len(self.train) // self.plan.batch)
        warm = round(0.1 * steps)
        return torch.optim.lr_scheduler.LambdaLR(
            self.optimizer,
            lambda step: step / warm if step < warm else (steps - step) / (steps - warm),
        )

    def batches(self) -> Iterator[list[Example]]:
        """An epoch's batches: as published in order, otherwise length-bucketed in random order."""
        size, rows = self.plan.batch, list(self.train)
        if not self.plan.published:
            self.order.shuffle(rows)
            for start in range(0, len(rows), size * BUCKET):
                bucket = slice(start, start + size * BUCKET)
                rows[bucket] = sorted(rows[bucket], key=lambda e: len(e.ids))
        batches = [rows[i : i + size] for i in range(0, len(rows), size)]
        if not self.plan.published:
            self.order.shuffle(batches)
        yield from batches

    def collate(self, rows: list[Example]) -> Batch:
        """Puts examples together."""
        columns = ([e.ids for e in rows], [e.units for e in rows], [e.tags for e in rows])
        return collate(*columns, self.pad, PUBLISHED_WIDTH if self.plan.published else 0)

    def autocast(self) -> torch.autocast:
        """bfloat16 for the encoder, the LSTM and the linear layer, if asked for."""
        return torch.autocast("cpu", dtype=torch.bfloat16, enabled=self.plan.bf16)

    def epoch(self) -> float:
        """Trains every sentence once; the mean over batches of the loss."""
        self.model.train()
        losses = []
        for rows in self.batches():
            batch = self.collate(rows)
            self.optimizer.zero_grad()
            with self.autocast():
                emissions = self.model.emissions(batch)
            loss = self.model.loss(emissions, batch)
            loss.backward()
            if not self.plan.published:
                nn.utils.clip_grad_norm_(self.model.parameters(), 1.0)
            self.optimizer.step()
            if not self.plan.published:
                self.schedule.step()
            losses.append(loss.item())
        return sum(losses) / len(losses)

    @torch.inference_mode()
    def score(self, sentences: list[Example]) -> tuple[float, float]:
        """The mean over batches of the loss, and the share of right tags."""
        self.model.eval()
        losses, right, units = [], 0, 0
        for start in range(0, len(sentences), self.plan.batch):
            rows = sentences[start : start + self.plan.batch]
            batch = self.collate(rows)
            with self.autocast():
                emissions = self.model.emissions(batch)
            losses.append(self.model.loss(emissions, batch).item())
            for example, best in zip(rows, self.model.decode(emissions, batch), strict=True):
                right += sum(map(int.__eq__, example.tags, best))
                units += len(best)
        return sum(losses) / len(losses), right / units


def run(plan: Plan) -> None:
    """Trains, keeps the best state by the share of right dev tags, scores it on test, saves it."""
    trainer = Trainer(plan)
    pieces = sum(len(e.ids) for e in trainer.train)
    words = sum(e.words for e in trainer.train)
    best, best_state = -1.0, {}
    report(event="start", sentences=len(trainer.train), threads=torch.get_num_threads())
    for epoch in range(1, plan.epochs + 1):
        started = time.perf_counter()
        loss = trainer.epoch()
        seconds = time.perf_counter() - started
        dev_loss, dev = trainer.score(trainer.dev)
        if plan.published:
            trainer.schedule.step(dev_loss)
        if dev > best:
            best, best_state = dev, copy.deepcopy(trainer.model.state_dict())
        report(
            event="warm-up" if epoch == 1 else "epoch",
            epoch=epoch,
            pieces=pieces,
            words=words,
            seconds=seconds,
            loss=loss,
            dev_loss=dev_loss,
            dev_tags_right=dev,
        )
    trainer.model.load_state_dict(best_state)
    test_loss, test = trainer.score(trainer.test)
    report(event="test", loss=test_loss, tags_right=test)
    if plan.out is not None:
        save_file(best_state, plan.out)
