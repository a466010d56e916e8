"""Each loss by its definition, and that following it sorts a list."""

import math

import pytest
import torch
from torch import Tensor

from sidecar.training.losses import bce, distill, lambda_loss, listwise

ALL = torch.ones(1, 3, dtype=torch.bool)


def tensor(*values: float) -> Tensor:
    return torch.tensor([values], dtype=torch.float32)


def test_bce_is_the_mean_over_the_products() -> None:
    expected = (math.log(1 + math.exp(-2)) + math.log(1 + math.exp(1)) + math.log(2)) / 3
    assert bce(tensor(2, 1, 0), tensor(1, 0, 0), ALL).item() == pytest.approx(expected)


def test_listwise_is_the_cross_entropy_of_the_shared_out_gains() -> None:
    log_softmax = torch.log_softmax(tensor(2, 1, 0), 1)[0]
    expected = -(0.75 * log_softmax[0] + 0.25 * log_softmax[1])
    assert listwise(tensor(2, 1, 0), tensor(0.75, 0.25, 0), ALL).item() == pytest.approx(float(expected))


def test_lambda_weighs_a_pair_by_what_its_swap_would_cost() -> None:
    # One right product, in second place: only its pairs count, with |1/log2(3) - 1/log2(rank + 1)|.
    second = 1 / math.log2(3)
    expected = (1 - second) * math.log(1 + math.exp(1)) + (second - 0.5) * math.log(1 + math.exp(-1))
    assert lambda_loss(tensor(2, 1, 0), tensor(0, 1, 0), ALL).item() == pytest.approx(expected)


def test_distilling_a_teacher_that_agrees_costs_nothing() -> None:
    teacher = tensor(3, 1, -1)
    assert distill(teacher + 5, teacher, ALL).item() == pytest.approx(0, abs=1e-6)
    assert distill(teacher + 5, teacher, ALL, margin=0.5).item() == pytest.approx(0, abs=1e-6)
    assert distill(-teacher, teacher, ALL).item() > 1


@pytest.mark.parametrize("loss", [bce, listwise, lambda_loss, distill], ids=lambda loss: loss.__name__)
def test_padding_changes_nothing(loss) -> None:
    scores, wanted = tensor(0.3, 1, -0.5), tensor(1, 0, 0.1)
    padded = torch.cat([scores, tensor(9, 9)], 1), torch.cat([wanted, tensor(0, 0)], 1)
    there = torch.tensor([[True, True, True, False, False]])
    assert loss(*padded, there).item() == pytest.approx(loss(scores, wanted, ALL).item(), abs=1e-5)


@pytest.mark.parametrize("loss", [bce, listwise, lambda_loss, distill], ids=lambda loss: loss.__name__)
def test_following_a_loss_sorts_the_list(loss) -> None:
    wanted = tensor(0.0, 0.1, 1.0)
    scores = tensor(0.1, 0.05, 0.0).requires_grad_()
    optimizer = torch.optim.SGD([scores], lr=0.5)
    first = loss(scores, wanted, ALL).item()
    for _ in range(300):
        optimizer.zero_grad()
        loss(scores, wanted, ALL).sum().backward()
        optimizer.step()
    assert loss(scores, wanted, ALL).item() < first
    assert scores.argsort(descending=True).tolist() == [[2, 1, 0]]


@pytest.mark.parametrize("loss", [listwise, lambda_loss], ids=lambda loss: loss.__name__)
def test_a_list_without_any_gain_teaches_nothing(loss) -> None:
    scores = tensor(1, 2, 3).requires_grad_()
    loss(scores, tensor(0, 0, 0), ALL).sum().backward()
    assert scores.grad is not None
    assert scores.grad.abs().max().item() == 0
