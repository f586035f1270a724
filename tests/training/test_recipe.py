"""Chance, schedules, crops and plans: pure functions of their arguments."""

import pytest
import torch

from core.training.augment import change, mirror
from core.training.randomness import batch_indices, generator_for, reseed
from core.training.schedules import one_cycle, warm_cosine
from core.training.task import plan


def test_order_depends_on_seed_and_epoch_alone() -> None:
    first = batch_indices(10, 4, seed=1, epoch=2)
    torch.rand(5)
    assert torch.equal(first, batch_indices(10, 4, seed=1, epoch=2))
    assert not torch.equal(first, batch_indices(10, 4, seed=1, epoch=3))
    assert not torch.equal(first, batch_indices(10, 4, seed=2, epoch=2))


def test_an_epoch_shows_every_picture_and_full_batches_only() -> None:
    order = batch_indices(10, 4, seed=0, epoch=0)
    assert order.shape == (3, 4)
    assert set(order.flatten().tolist()) == set(range(10))


def test_reseeding_repeats_dropout() -> None:
    reseed(0, "dropout", epoch=1, step=5)
    first = torch.rand(3)
    reseed(0, "dropout", epoch=1, step=5)
    assert torch.equal(first, torch.rand(3))


def test_the_plan_never_exceeds_the_pictures() -> None:
    small = plan(5, batch_size=64, epochs=3, keep_epochs=20)
    assert (small.batch, small.per_epoch, small.steps) == (5, 1, 3)
    assert small.kept == {1, 2, 3}
    long = plan(1000, batch_size=10, epochs=50, keep_epochs=20)
    assert (long.per_epoch, sorted(long.kept)[:2], max(long.kept)) == (100, [3, 6], 50)
    assert sum(long.records(done) for done in range(1, 101)) == 100
    assert plan(10, batch_size=2, epochs=4, keep_epochs=0).kept == frozenset()


def test_an_epoch_has_at_most_about_a_hundred_records() -> None:
    layout = plan(25_000, batch_size=10, epochs=2, keep_epochs=1)
    due = [done for done in range(1, 2501) if layout.records(done)]
    assert len(due) == 100
    assert due[-1] == 2500


def test_rates_rise_and_fall() -> None:
    cycle = [one_cycle(step, 100, peak=1.0) for step in range(100)]
    assert cycle[0] == pytest.approx(1 / 25)
    assert max(cycle) == pytest.approx(cycle[30]) == pytest.approx(1.0)
    assert cycle[-1] < 0.01
    cosine = [warm_cosine(step, 100, peak=2.0, warm_steps=10) for step in range(100)]
    assert cosine[9] == 2.0
    assert cosine[0] == pytest.approx(0.2)
    assert cosine[-1] < 0.01


def test_changes_keep_shape_and_repeat() -> None:
    pictures = torch.rand(4, 3, 8, 8)
    results = [
        change(pictures, generator=generator_for(0, "change", step=3), crop=0.3, flips=True, colour=0.2)
        for _ in range(2)
    ]
    assert torch.equal(results[0], results[1])
    assert results[0].shape == pictures.shape
    assert not torch.equal(results[0], pictures)


def test_without_changes_pictures_stay() -> None:
    pictures = torch.rand(4, 3, 8, 8)
    generator = generator_for(0, "change")
    assert torch.equal(change(pictures, generator=generator, crop=0, flips=False, colour=0), pictures)


def test_mirroring_moves_no_value() -> None:
    pictures = torch.rand(64, 3, 4, 4)
    mirrored = mirror(pictures, generator=generator_for(0, "mirror"))
    same = [torch.equal(after, before) for after, before in zip(mirrored, pictures, strict=True)]
    flipped = [torch.equal(after, before.flip(2)) for after, before in zip(mirrored, pictures, strict=True)]
    assert all(a or b for a, b in zip(same, flipped, strict=True))
    assert 16 < sum(flipped) < 48


def test_a_flip_alone_is_exact_to_rounding() -> None:
    pictures = torch.rand(32, 3, 8, 8)
    changed = change(pictures, generator=generator_for(0, "change"), crop=0, flips=True, colour=0)
    for after, before in zip(changed, pictures, strict=True):
        assert torch.allclose(after, before, atol=1e-5) or torch.allclose(after, before.flip(2), atol=1e-5)
