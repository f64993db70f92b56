"""Attention over packed texts on a processor, and its backward pass.

torch's fused kernel knows no dropout on a processor, and its backward pass in bfloat16 takes eleven
times as long as these products. Left to autograd they cost more than they need to: here a batch
goes into rows and back by one gathering each, query, key and value are laid out by one copy, the
mask is part of the first product, and the softmax is taken in float32, which is twice as fast as in
bfloat16.
"""

from __future__ import annotations

from dataclasses import dataclass

import torch

from mslt_core.training.batching import Batch
from mslt_core.training.dropout import Mask

IN_A_ROW = 8
"""What the longest text of a batch is rounded up to a multiple of: products are made to measure
for each shape, so there should be few."""


def in_a_row(longest: int) -> int:
    """Cells of a row in a batch whose longest text has so many tokens."""
    return -(-longest // IN_A_ROW) * IN_A_ROW


@dataclass(frozen=True)
class Layout:
    """Where the tokens of a batch stand in its rows, for all layers of an encoder.

    places: of each token its cell in the flattened rows, int64 (tokens,). tokens: of each cell its
    token, of a padded one any, int64 (rows * longest,). mask: what to add to the scores, 0 or minus
    infinity on padding, (rows * heads, 1, longest). shape: of the scores.
    """

    rows: int
    longest: int
    heads: int
    places: torch.Tensor
    tokens: torch.Tensor
    mask: torch.Tensor

    @classmethod
    def of(cls, batch: Batch, heads: int, dtype: torch.dtype) -> Layout:
        """The layout of a batch; its mask in this number format."""
        rows = len(batch.lengths)
        longest = in_a_row(batch.cells[1])
        row = torch.repeat_interleave(torch.arange(rows), batch.lengths)
        places = row * longest + batch.positions
        cells = rows * longest
        tokens = torch.zeros(cells, dtype=torch.int64)
        tokens[places] = torch.arange(batch.tokens)
        mask = torch.full((cells,), float("-inf"), dtype=dtype).index_fill_(0, places, 0.0)
        by_head = mask.view(rows, 1, longest).repeat_interleave(heads, 0)
        return cls(rows, longest, heads, places, tokens, by_head)

    @property
    def shape(self) -> tuple[int, int, int]:
        return len(self.mask), self.longest, self.longest

    def spread(self, packed: torch.Tensor, parts: int) -> torch.Tensor:
        """(tokens, parts * d) → (parts, rows * heads, longest, d / heads); padding holds whatever
        stands for some token, and what comes after the tokens is left out."""
        cells = packed.index_select(0, self.tokens)
        split = cells.view(self.rows, self.longest, parts, self.heads, -1)
        return split.permute(2, 0, 3, 1, 4).reshape(parts, len(self.mask), self.longest, -1)

    def packed(self, spread: torch.Tensor, height: int) -> torch.Tensor:
        """The inverse of `spread`, filled up with zeros to this height."""
        split = spread.view(len(spread), self.rows, self.heads, self.longest, -1)
        cells = split.permute(1, 3, 0, 2, 4).reshape(self.rows * self.longest, -1)
        found = cells.new_empty((height, cells.shape[1]))
        torch.index_select(cells, 0, self.places, out=found[: len(self.places)])
        found[len(self.places) :] = 0
        return found


def attention(
    mixed: torch.Tensor, layout: Layout, kept: Mask
) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """softmax(Q Kᵀ / √d) V of each text and head (Vaswani et al. 2017, arXiv 1706.03762).

    mixed: query, key and value side by side, (tokens, 3 d); there may be more rows after those of
    the tokens, which become zero. kept: what dropout multiplies the probabilities with, of
    `layout.shape`, or None. → (tokens, d), and what `into_attention` asks for: `spread` and
    `shares`. Autograd does not follow it.
    """
    spread = layout.spread(mixed, 3)
    query, key, value = spread
    scores = torch.baddbmm(layout.mask, query, key.transpose(1, 2), alpha=_scale(spread))
    finer = torch.promote_types(scores.dtype, torch.float32)
    shares = scores.softmax(-1, dtype=finer).to(mixed.dtype)
    dropped = shares if kept is None else torch.mul(shares, kept, out=scores)
    return layout.packed(torch.bmm(dropped, value)[None], len(mixed)), spread, shares


def into_attention(
    grad: torch.Tensor,
    layout: Layout,
    kept: Mask,
    spread: torch.Tensor,
    shares: torch.Tensor,
) -> torch.Tensor:
    """The gradient of what `attention` was given, (tokens, 3 d), by that of what it gave,
    (tokens, d)."""
    query, key, value = spread
    # Padding must have no gradient, which `Layout.spread` does not promise.
    cells = grad.new_zeros((layout.rows * layout.longest, grad.shape[1]))
    cells.index_copy_(0, layout.places, grad[: len(layout.places)])
    split = cells.view(layout.rows, layout.longest, layout.heads, -1).transpose(1, 2)
    given = split.reshape(value.shape)
    dropped = shares if kept is None else shares * kept
    into_shares = given @ value.transpose(1, 2)
    into_shares = into_shares if kept is None else into_shares.mul_(kept)
    into_scores = torch.ops.aten._softmax_backward_data(into_shares, shares, -1, shares.dtype)
    into_scores.mul_(_scale(spread))
    found = torch.empty_like(spread)
    torch.bmm(into_scores, key, out=found[0])
    torch.bmm(into_scores.transpose(1, 2), query, out=found[1])
    torch.bmm(dropped.transpose(1, 2), given, out=found[2])
    return layout.packed(found, len(grad))


def _scale(spread: torch.Tensor) -> float:
    return float(spread.shape[-1] ** -0.5)
