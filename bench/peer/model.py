"""The tagger in PyTorch: BERT, BiLSTM, linear layer, CRF; parameters have Gleaner's names."""

from dataclasses import dataclass

import torch
from torch import Tensor, nn
from torchcrf import CRF
from transformers import BertModel

from text import forbidden

RULED_OUT = -10_000.0


@dataclass(frozen=True)
class Batch:
    """`ids` [sentences, pieces] are padded; `units` [sentences, units] are the indices of the
    pieces that carry tags, zero behind the last, where `unit_mask` is false; `tags` likewise."""

    ids: Tensor
    lengths: Tensor
    units: Tensor
    unit_mask: Tensor
    tags: Tensor | None


def padded(rows: list[list[int]], fill: int, width: int = 0) -> Tensor:
    """Rows of numbers as a matrix, at least `width` wide."""
    width = max(width, *map(len, rows))
    return torch.tensor([row + [fill] * (width - len(row)) for row in rows])


def collate(
    ids: list[list[int]],
    units: list[list[int]],
    tags: list[list[int]] | None,
    pad: int,
    width: int = 0,
) -> Batch:
    """Puts sentences together, padded to the longest, or to `width`."""
    count = torch.tensor([len(u) for u in units])
    padded_units = padded(units, 0, width)
    return Batch(
        ids=padded(ids, pad, width),
        lengths=torch.tensor([len(i) for i in ids]),
        units=padded_units,
        unit_mask=torch.arange(padded_units.shape[1]) < count[:, None],
        tags=None if tags is None else padded(tags, 0, width),
    )


class BertBilstmCrf(nn.Module):
    """`own_length`: the LSTM reads each sentence's own pieces, not the padding behind them."""

    def __init__(
        self,
        bert: BertModel,
        labels: list[str],
        units: int = 128,
        layers: int = 2,
        own_length: bool = True,
    ) -> None:
        super().__init__()
        self.bert = bert
        self.lstm = nn.LSTM(
            bert.config.hidden_size,
            units,
            layers,
            batch_first=True,
            bidirectional=True,
            dropout=0.3 if layers > 1 else 0.0,
        )
        self.fc = nn.Linear(2 * units, len(labels))
        self.crf = CRF(len(labels), batch_first=True)
        self.own_length = own_length

    @torch.no_grad()
    def constrain(self, labels: list[str]) -> None:
        """Rules out what is not IOB2."""
        starts, pairs = forbidden(labels)
        self.crf.start_transitions[starts] = RULED_OUT
        for before, after in pairs:
            self.crf.transitions[before, after] = RULED_OUT

    def emissions(self, batch: Batch) -> Tensor:
        """Scores [sentences, units, tags]."""
        width = batch.ids.shape[1]
        mask = torch.arange(width) < batch.lengths[:, None]
        hidden = self.bert(batch.ids, attention_mask=mask.long()).last_hidden_state
        if self.own_length and int(batch.lengths.min()) < width:
            packed = nn.utils.rnn.pack_padded_sequence(
                hidden, batch.lengths, batch_first=True, enforce_sorted=False
            )
            hidden, _ = nn.utils.rnn.pad_packed_sequence(
                self.lstm(packed)[0], batch_first=True, total_length=width
            )
        else:
            hidden, _ = self.lstm(hidden)
        index = batch.units[:, :, None].expand(-1, -1, hidden.shape[2])
        return self.fc(hidden.gather(1, index))

    def loss(self, emissions: Tensor, batch: Batch) -> Tensor:
        """Mean negative log-likelihood a sentence."""
        return -self.crf(emissions.float(), batch.tags, batch.unit_mask, reduction="mean")

    def decode(self, emissions: Tensor, batch: Batch) -> list[list[int]]:
        """The best tags of every sentence."""
        return self.crf.decode(emissions.float(), batch.unit_mask)
