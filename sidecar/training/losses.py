"""What a list's scores are held against. All take padded [lists, longest] tensors, and answer [lists].

`scores`, `gains` and `teacher` are float tensors, `there` is the mask of real products.
"""

import torch
from torch import Tensor
from torch.nn import functional

FAR_BELOW = -1e4  # fits half precision


def bce(scores: Tensor, gains: Tensor, there: Tensor) -> Tensor:
    """Pointwise: each gain as the probability that the product is right."""
    found = functional.binary_cross_entropy_with_logits(scores, gains, reduction="none")
    return _mean(found, there)


def listwise(scores: Tensor, gains: Tensor, there: Tensor) -> Tensor:
    """Softmax cross-entropy over the list, gains shared out as probabilities (ListNet, Cao et al. 2007).

    A list without any gain gives 0.
    """
    share = gains / gains.sum(1, keepdim=True).clamp_min(1e-9)
    return -(share * _log_softmax(scores, there)).sum(1)


def lambda_loss(scores: Tensor, gains: Tensor, there: Tensor) -> Tensor:
    """Pairwise logistic, each pair weighted by the nDCG that swapping it would cost (LambdaRank; Wang et
    al. 2018 show what it bounds). The weights are constants: no gradient passes through the ranks."""
    with torch.no_grad():
        masked = scores.masked_fill(~there, FAR_BELOW)
        rank = masked.argsort(1, descending=True).argsort(1)
        discount = 1 / torch.log2(rank + 2.0)
        ideal = gains.masked_fill(~there, 0).sort(1, descending=True).values
        places = torch.arange(gains.shape[1], device=gains.device)
        best = (ideal / torch.log2(places + 2.0)).sum(1).clamp_min(1e-9)
        better = (gains[:, :, None] > gains[:, None, :]) & there[:, :, None] & there[:, None, :]
        cost = (gains[:, :, None] - gains[:, None, :]) * (discount[:, :, None] - discount[:, None, :]).abs()
        weight = cost.abs() * better / best[:, None, None]
    pairs = functional.softplus(scores[:, None, :] - scores[:, :, None])
    return (weight * pairs).sum((1, 2))


def distill(
    scores: Tensor, teacher: Tensor, there: Tensor, *, temperature: float = 1.0, margin: float = 0.0
) -> Tensor:
    """The teacher's distribution over the list (KL), mixed with its differences between products (MSE)."""
    wanted = _log_softmax(teacher / temperature, there)
    found = _log_softmax(scores / temperature, there)
    kl = (wanted.exp() * (wanted - found)).masked_fill(~there, 0).sum(1) * temperature**2
    if not margin:
        return kl
    pairs = there[:, :, None] & there[:, None, :]
    off = (scores[:, :, None] - scores[:, None, :]) - (teacher[:, :, None] - teacher[:, None, :])
    squared = (off.square() * pairs).sum((1, 2)) / pairs.sum((1, 2)).clamp_min(1)
    return (1 - margin) * kl + margin * squared


def _log_softmax(scores: Tensor, there: Tensor) -> Tensor:
    return torch.log_softmax(scores.masked_fill(~there, FAR_BELOW), 1).masked_fill(~there, 0)


def _mean(values: Tensor, there: Tensor) -> Tensor:
    return (values * there).sum(1) / there.sum(1).clamp_min(1)
