"""An encoder that reads a whole history forwards and backwards.

Allowed only where the whole history is the question: it is all past then. There is no step: the
backward half of an output is made of what comes after it, so with each new row everything would
have to be read again.

Source: Schuster & Paliwal 1997.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn

from forecast_cli.networks.cells.base import State
from forecast_cli.networks.encoder import Encoder


class BothWays(nn.Module):
    """Two encoders of half the width each.

    Parameters
    ----------
    onwards, backwards : Encoder
    """

    def __init__(self, onwards: Encoder, backwards: Encoder) -> None:
        super().__init__()
        self.onwards, self.backwards = onwards, backwards

    def init_state(self, batch: int) -> State:
        """Both directions: "onwards.0.h", ..."""
        return {
            f"{name}.{entry}": value
            for name, encoder in (("onwards", self.onwards), ("backwards", self.backwards))
            for entry, value in encoder.init_state(batch).items()
        }

    def forward(self, x: Tensor, lengths: Tensor, state: State) -> Tensor:
        """x [B, T, D] to y [B, T, 2 D'].

        ``lengths`` [B] are the steps that are not padding: each sequence is turned round
        within its own. At the last step of a sequence the backward half is that of its first
        step, which has read everything, so that the last output knows all in both directions.
        """
        steps = torch.arange(x.shape[1], device=x.device)
        turned = (lengths[:, None] - 1 - steps).clamp(min=0)  # [B, T]
        each = torch.arange(len(x), device=x.device)[:, None]
        onwards, _ = self.onwards(x, _part(state, "onwards."))
        backwards, _ = self.backwards(x[each, turned], _part(state, "backwards."))
        return torch.cat([onwards, backwards], dim=2)


def _part(state: State, prefix: str) -> State:
    return {k.removeprefix(prefix): v for k, v in state.items() if k.startswith(prefix)}
