"""Keeps the libraries from talking between our own lines."""

import warnings


def quieten() -> None:
    """No bars and no advice from transformers: it warns of a new classifier, which is meant to be new, and of
    its own deprecated calls."""
    from transformers import logging

    logging.set_verbosity_error()  # type: ignore[no-untyped-call]
    logging.disable_progress_bar()  # type: ignore[no-untyped-call]
    warnings.filterwarnings("ignore", category=FutureWarning, module=r"(transformers|peft)\.")
