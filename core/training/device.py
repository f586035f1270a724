"""The device a run computes on, chosen once, and how it computes there."""

import os
from collections.abc import Mapping
from contextlib import AbstractContextManager, nullcontext

import torch

from core.errors import InputError, UnavailableError

__all__ = ["choose_device", "describe_device", "half_precision", "set_threads"]


def choose_device(name: str) -> torch.device:
    """`auto` as cuda, else mps, else cpu; otherwise the device named.

    Raises UnavailableError when this machine or this build of torch does not have it.
    """
    if name == "auto":
        mps = "mps" if torch.backends.mps.is_available() else "cpu"
        return torch.device("cuda" if torch.cuda.is_available() else mps)
    device = torch.device(name)
    if device.type == "cuda" and (device.index or 0) >= torch.cuda.device_count():
        raise UnavailableError(f"device={name}: torch sees {torch.cuda.device_count()} CUDA devices; use device=auto.")
    if device.type == "mps" and not torch.backends.mps.is_available():
        raise UnavailableError("device=mps: this machine has no Apple GPU that torch can use; use device=auto.")
    return device


def describe_device(device: torch.device) -> str:
    """The device in words for the log, such as `cpu, 2 threads`."""
    if device.type == "cuda":
        return f"{device}, {torch.cuda.get_device_name(device)}"
    threads = torch.get_num_threads()
    return f"{device}, {threads} thread{'' if threads == 1 else 's'}"


def half_precision(device: torch.device) -> AbstractContextManager[object]:
    """bfloat16 where it is exact enough and faster: on CUDA; elsewhere full precision."""
    if device.type == "cuda":
        return torch.autocast("cuda", dtype=torch.bfloat16)
    return nullcontext()


def set_threads(environ: Mapping[str, str]) -> None:
    """Let torch use `$SPECIMEN_THREADS` threads where that is set; raises InputError when it is no number."""
    wanted = environ.get("SPECIMEN_THREADS", "")
    if not wanted:
        return
    if not wanted.isdecimal() or int(wanted) < 1:
        raise InputError(f"SPECIMEN_THREADS={wanted} should be a whole number from 1 on.")
    torch.set_num_threads(min(int(wanted), os.cpu_count() or 1))
