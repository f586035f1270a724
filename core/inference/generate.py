"""Pictures that a GAN draws: the same seed gives the same bytes, whatever is drawn beside it."""

import contextlib
import io
from collections.abc import Iterator, Sequence

import torch
from PIL import Image

from core.errors import InputError, RefusedError
from core.inference.load import Loaded, Models
from core.inference.records import Drawing
from core.models.dcgan import draw_noise
from core.models.pixels import to_bytes
from core.workspace import Workspace

__all__ = ["MOST_SEEDS", "generate"]

MOST_SEEDS = 1024
_HIGHEST_SEED = 2**63 - 1


def generate(
    workspace: Workspace,
    run: str,
    seeds: Sequence[int],
    *,
    epoch: int | None = None,
    models: Models | None = None,
) -> list[Drawing]:
    """One PNG a seed, in order.

    `models` keeps networks between calls. Raises as `Models.get`, RefusedError when the run draws nothing, InputError
    for seeds that cannot be.
    """
    if len(seeds) > MOST_SEEDS:
        raise InputError(f"{len(seeds)} pictures at once are too many; draw up to {MOST_SEEDS}.")
    for seed in seeds:
        if not 0 <= seed <= _HIGHEST_SEED:
            raise InputError(f"The seed {seed} should be a whole number from 0 to {_HIGHEST_SEED}.")
    loaded = (models or Models()).get(workspace, run, epoch)
    if loaded.blueprint.labels:
        raise RefusedError(f"{run} tells classes apart and draws nothing; choose a run of a GAN.")
    with torch.no_grad(), _one_thread():
        return [Drawing(seed, _draw(loaded, seed)) for seed in seeds]


def _draw(loaded: Loaded, seed: int) -> bytes:
    # One by one: in company the same noise could give a picture that differs by one level of grey.
    picture = loaded.network(draw_noise([seed], loaded.blueprint.input[0]))[0]  # (3, H, H)
    return _png(to_bytes(picture))


@contextlib.contextmanager
def _one_thread() -> Iterator[None]:
    """Sums are rounded the same wherever the process runs and however many cores it was given."""
    before = torch.get_num_threads()
    torch.set_num_threads(1)
    try:
        yield
    finally:
        torch.set_num_threads(before)


def _png(pixels: torch.Tensor) -> bytes:
    buffer = io.BytesIO()
    Image.fromarray(pixels.permute(1, 2, 0).numpy()).save(buffer, "PNG")
    return buffer.getvalue()
