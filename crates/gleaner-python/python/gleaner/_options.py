"""The settings that calls take as keywords, for type checkers and editors. Rust checks the values."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any, TypedDict

from ._data import Path


class Settings(TypedDict, total=False):
    """The settings of a training, under their names in settings files with underscores.

    ``gleaner train --help`` describes them.
    """

    # The run.
    protocol: str | None
    seed: int | None
    resamples: int | None
    threads: int | None
    device: str | None
    checkpoint_seconds: int | None
    # The text.
    train: list[Path] | None
    split: str | None
    split_seed: int | None
    folds: int | None
    fold: int | None
    cutoff: int | None
    train_limit: int | None
    join: list[Any] | None
    drop_leaks: bool | None
    exclude: list[Path] | None
    replace_mentions: float | None
    mentions: list[Path] | None
    strict: bool | None
    skip_bad: bool | None
    # How text is read.
    format: str | None
    word_column: int | None
    tag_column: int | None
    labels: list[str] | None
    label_map: Mapping[str, str] | None
    nested: str | None
    offsets: str | None
    text_field: str | None
    # Pieces.
    piece_labels: str | None
    max_pieces: int | None
    fold_case: bool | None
    # The network.
    encoder: Path | None
    start: Path | None
    head: str | None
    lstm_units: int | None
    lstm_layers: int | None
    lstm_dropout: float | None
    constraints: bool | None
    freeze: str | None
    reset_layers: int | None
    precision: str | None
    # The optimiser.
    epochs: int | None
    batch: int | None
    accumulate: int | None
    shuffle: bool | None
    optimizer: str | None
    decay: float | None
    decay_on: str | None
    rate_encoder: float | str | None
    layer_decay: float | None
    rate_lstm: float | None
    rate_linear: float | None
    rate_crf: float | None
    schedule: str | None
    warmup: float | None
    clip: float | None
    r_drop: float | None
    # Self-training.
    pool: list[Path] | None
    pool_limit: int | None
    pool_map: Mapping[str, str] | None
    quantile: float | None
    entropy: float | None
    delay: int | None
    confidence: str | None
    additions: str | None
    unsure: str | None
    sure: float | None
    type_cap: float | None
    targets: str | None
    student: str | None
    rounds: int | None
    round_epochs: int | None
    pool_weight: float | None
    teacher: list[Path] | None
    teacher_share: float | None
    gold_share: float | None
    # The epoch to keep.
    select: str | None
    patience: int | None
    average: int | None
    train_score: bool | None
    # The model card.
    language: list[str] | None
    license: str | None


class AdaptSettings(TypedDict, total=False):
    """The settings of an adaptation, under the names of the options of ``gleaner adapt`` with underscores."""

    join: list[Any] | None
    exclude: list[Path] | None
    skip_bad: bool | None
    length: int | None
    batch: int | None
    epochs: int | None
    steps: int | None
    pieces: int | None
    whole_words: bool | None
    new_pieces: int | None
    force_new_pieces: bool | None
    head_steps: int | None
    rate: float | str | None
    head_rate: float | None
    warmup: float | None
    decay: float | None
    clip: float | None
    held_out: float | None
    measurements: int | None
    precision: str | None
    seed: int | None
    threads: int | None
    checkpoint_seconds: int | None
