"""Decisions: one commit a batch, undo and redo across restarts, a tab's repeats counted once."""

from pathlib import Path

import pytest

from core.catalog.classes import count_classes
from core.catalog.decisions import (
    apply_client,
    changes_since,
    decide,
    different_pairs,
    history,
    mark_different,
    redo,
    undo,
)
from core.catalog.images import get_image
from core.catalog.records import ClientOperation, Operation
from core.catalog.store import open_catalog, revision
from core.database import Database
from core.errors import InputError, NotFoundError
from core.workspace import open_workspace
from tests.catalog.rows import fill


def verdicts(database: Database) -> list[str]:
    return [get_image(database, number).verdict for number in range(1, 6)]


def test_a_batch_is_undone_and_redone_whole(database: Database) -> None:
    decided = decide(database, [Operation(1, "reject", reason="blurred"), Operation(2, "keep")], who="ann")
    assert decided.changed == 2
    assert verdicts(database) == ["reject", "keep", "unreviewed", "unreviewed", "unreviewed"]
    assert get_image(database, 1).reason == "blurred"
    assert undo(database, who="ann").changed == 2
    assert verdicts(database) == ["unreviewed"] * 5
    assert get_image(database, 1).reason is None
    assert redo(database, who="ann").changed == 2
    assert get_image(database, 1).reason == "blurred"


def test_undo_and_redo_survive_a_restart(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, environ={})
    first = open_catalog(workspace)
    fill(first, {"abra": 2})
    decide(first, [Operation(1, "reject")], who="ann")
    decide(first, [Operation(2, "reject")], who="ann")
    undo(first, who="ann")
    first.close()
    second = open_catalog(workspace)
    assert undo(second, who="ann").changed == 1
    assert [get_image(second, number).verdict for number in (1, 2)] == ["unreviewed", "unreviewed"]
    assert redo(second, who="ann").changed == 1
    assert [get_image(second, number).verdict for number in (1, 2)] == ["reject", "unreviewed"]
    second.close()


def test_a_new_decision_ends_redo(database: Database) -> None:
    decide(database, [Operation(1, "reject")], who="ann")
    undo(database, who="ann")
    decide(database, [Operation(2, "keep")], who="ann")
    assert redo(database, who="ann").changed == 0
    assert [row.state for row in history(database)] == ["done", "dropped"]


def test_undo_takes_ones_own_batch_and_leaves_what_another_decided_since(database: Database) -> None:
    decide(database, [Operation(1, "reject"), Operation(2, "reject")], who="ann")
    decide(database, [Operation(1, "keep")], who="bob")
    assert undo(database, who="ann").changed == 1
    assert verdicts(database)[:2] == ["keep", "unreviewed"]
    assert undo(database, who="cy").batch == 0


def test_moving_to_a_class_keeps_the_file_and_is_undone(database: Database) -> None:
    path = get_image(database, 1).path
    decide(database, [Operation(1, "class", class_id=1)], who="ann")
    moved = get_image(database, 1)
    assert (moved.class_name, moved.path) == ("mew", path)
    undo(database, who="ann")
    assert get_image(database, 1).class_name == "abra"


def test_one_impossible_operation_decides_nothing(database: Database) -> None:
    before = revision(database)
    with pytest.raises(NotFoundError, match="no image number 99"):
        decide(database, [Operation(1, "reject"), Operation(99, "keep")], who="ann")
    with pytest.raises(NotFoundError, match="no class number 7"):
        decide(database, [Operation(1, "class", class_id=7)], who="ann")
    with pytest.raises(InputError, match="class_id"):
        decide(database, [Operation(1, "class")], who="ann")
    assert (verdicts(database)[0], revision(database)) == ("unreviewed", before)


def test_a_repeated_sequence_number_changes_nothing(database: Database) -> None:
    send = [ClientOperation(1, "reject", 1), ClientOperation(4, "keep", 2)]
    assert apply_client(database, client="tab", who="ann", operations=send).acknowledged == 4
    decide(database, [Operation(1, "keep")], who="bob")
    again = apply_client(database, client="tab", who="ann", operations=send)
    assert (again.acknowledged, again.refused) == (4, ())
    assert verdicts(database)[:2] == ["keep", "keep"]


def test_a_refused_operation_is_acknowledged_with_its_reason_and_the_others_count(database: Database) -> None:
    send = [ClientOperation(1, "keep", 99), ClientOperation(2, "class", 1), ClientOperation(3, "reject", 1)]
    answer = apply_client(database, client="tab", who="ann", operations=send)
    assert answer.acknowledged == 3
    assert [seq for seq, _ in answer.refused] == [1, 2]
    assert verdicts(database)[0] == "reject"
    assert apply_client(database, client="tab", who="ann", operations=send).refused == answer.refused


def test_one_batch_sent_in_two_requests_is_undone_in_one_step(database: Database) -> None:
    for seq in (1, 2, 3):
        operation = ClientOperation(seq, "reject", seq, batch=8)
        apply_client(database, client="tab", who="ann", operations=[operation])
    apply_client(database, client="tab", who="ann", operations=[ClientOperation(4, "undo")])
    assert verdicts(database) == ["unreviewed"] * 5
    apply_client(database, client="tab", who="ann", operations=[ClientOperation(5, "redo")])
    assert verdicts(database)[:3] == ["reject"] * 3


def test_pairs_called_different_are_kept_in_order_and_undone(database: Database) -> None:
    assert mark_different(database, [(3, 1), (1, 3), (2, 2)], who="ann").changed == 1
    assert different_pairs(database) == {(1, 3)}
    undo(database, who="ann")
    assert different_pairs(database) == set()
    redo(database, who="ann")
    assert different_pairs(database) == {(1, 3)}


def test_changes_since_a_revision_are_told(database: Database) -> None:
    before = revision(database)
    decide(database, [Operation(2, "reject"), Operation(4, "class", class_id=0)], who="ann")
    changes = changes_since(database, before)
    assert [(change.image, change.verdict, change.class_name) for change in changes] == [
        (2, "reject", "abra"),
        (4, "unreviewed", "abra"),
    ]
    assert changes_since(database, revision(database)) == []


def test_counts_follow_the_decisions(database: Database) -> None:
    decide(database, [Operation(1, "reject"), Operation(2, "keep"), Operation(4, "class", class_id=0)], who="ann")
    counts = {row.name: (row.kept, row.unreviewed, row.rejected) for row in count_classes(database)}
    assert counts == {"abra": (1, 2, 1), "mew": (0, 1, 0)}


def test_a_batch_of_5000_sent_in_pieces_is_one_step_across_restarts(tmp_path: Path) -> None:
    workspace = open_workspace(tmp_path, environ={})
    first = open_catalog(workspace)
    fill(first, {"abra": 5000})
    for start in range(1, 5001, 1000):
        sent = [ClientOperation(seq, "reject", seq, batch=1) for seq in range(start, start + 1000)]
        apply_client(first, client="tab", who="ann", operations=sent)
    decide(first, [Operation(1, "keep")], who="bob")
    first.close()
    second = open_catalog(workspace)
    assert undo(second, who="ann").changed == 4999
    assert [row.unreviewed for row in count_classes(second)] == [4999]
    second.close()
    third = open_catalog(workspace)
    assert redo(third, who="ann").changed == 4999
    assert [(row.kept, row.rejected) for row in count_classes(third)] == [(1, 4999)]
    third.close()
