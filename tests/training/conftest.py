"""Tiny networks want one thread: with more, a busy machine spends its time on waiting for the slowest."""

import pytest
import torch


@pytest.fixture(autouse=True)
def one_thread(monkeypatch: pytest.MonkeyPatch) -> None:
    """For this process and for those it starts."""
    monkeypatch.setenv("SPECIMEN_THREADS", "1")
    torch.set_num_threads(1)
