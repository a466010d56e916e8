"""The model that is trained: a BERT encoder with a pooler on [CLS] and one logit, whole or by LoRA."""

from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from sidecar.training.errors import TrainingError
from sidecar.training.settings import TARGETS, Settings

HEAD = ("pooler", "classifier")


def make_cross_encoder(base: Path, settings: Settings) -> nn.Module:
    """`BertForSequenceClassification(num_labels=1)` on the base's weights, wrapped by PEFT for LoRA.

    A new classifier's weights follow from the seed. Raises TrainingError for weights that do not fit.
    """
    from peft import LoraConfig, TaskType, get_peft_model
    from transformers import AutoConfig, BertForSequenceClassification

    torch.manual_seed(settings.seed)
    try:
        config = AutoConfig.from_pretrained(base)
        if config.model_type != "bert":
            raise TrainingError(f"{base}: a {config.model_type} model; this trains BERT encoders only.")
        config.num_labels = 1
        config.classifier_dropout = settings.dropout
        config.hidden_dropout_prob = config.attention_probs_dropout_prob = settings.dropout
        model = BertForSequenceClassification.from_pretrained(
            base, config=config, dtype=torch.float32, attn_implementation="sdpa"
        )
    except (OSError, ValueError, RuntimeError) as error:
        raise TrainingError(f"{base}: transformers cannot read these weights: {error}") from error
    if settings.max_length > config.max_position_embeddings:
        raise TrainingError(
            f"max_length {settings.max_length}: these weights know {config.max_position_embeddings} "
            "positions."
        )
    if settings.tuning == "full":
        return model
    lora = LoraConfig(
        task_type=TaskType.SEQ_CLS,
        r=settings.lora.rank,
        lora_alpha=settings.lora.alpha,
        lora_dropout=settings.lora.dropout,
        target_modules=rf".*encoder\.layer\.\d+\.({'|'.join(TARGETS)})".replace(".dense", r"\.dense"),
        modules_to_save=list(HEAD),
    )
    return get_peft_model(model, lora)


def scores_of(model: nn.Module, inputs: dict[str, Any]) -> Tensor:
    """Logits [lists, longest] of what a Collator put together; 0 where there is no product."""
    logits = torch.cat([model(**group).logits[:, 0].float() for group in inputs["groups"]])
    flat = torch.zeros_like(logits).index_copy(0, inputs["order"], logits)
    there: Tensor = inputs["there"]
    return torch.zeros(there.shape, device=flat.device, dtype=flat.dtype).masked_scatter(there, flat)
