"""The verbs that change the list of classes; `classes` itself, which shows it, is among those on the dataset."""

from dataclasses import asdict

from pydantic import Field

from core.catalog.class_changes import delete_class, merge_classes, order_classes, rename_class
from core.catalog.class_names import read_names, split_lines
from core.catalog.classes import count_classes, ensure_class, find_class, list_classes
from core.catalog.records import Decided
from core.errors import InputError, StorageError
from core.files import plain_path, storage_error
from core.verbs.call import Arguments, Call, Verb, settle, verb

__all__ = ["CLASS_VERBS"]


class AddArguments(Arguments):
    names: list[str] = Field([], description="the new classes")
    file: str | None = Field(None, description="a text file with one name a line")
    twins: bool = Field(False, description="let names in that differ from another only in upper and lower case")


class RenameArguments(Arguments):
    class_name: str
    name: str = Field(description="what it is called from now on")


class MergeArguments(Arguments):
    class_names: list[str] = Field(min_length=1, description="the classes that end")
    into: str = Field(description="the class that gains their pictures")


class DeleteArguments(Arguments):
    class_name: str
    to: str | None = Field(None, description="the class that gains its pictures")
    reject: bool = Field(False, description="put its pictures into the bin")


class OrderArguments(Arguments):
    class_names: list[str] = Field(min_length=1, description="what comes first, in this order")


def _add(call: Call, arguments: AddArguments) -> object:
    lines = [*arguments.names, *(_lines_in(arguments.file) if arguments.file else [])]
    if not any(line.strip() for line in lines):
        raise InputError("Name at least one class, or a file with one name a line (--file).")
    with call.db.write():
        present = [row.name for row in list_classes(call.db)]
        read = read_names(lines, present=present, twins=arguments.twins)
        added = [ensure_class(call.db, name) for name in read.names]
    settle(call)
    return {
        "added": [{"class_id": row.class_id, "name": row.name} for row in added],
        "left_out": [asdict(line) for line in read.left_out],
    }


def _rename(call: Call, arguments: RenameArguments) -> object:
    found = find_class(call.db, arguments.class_name)
    renamed = rename_class(call.db, found.class_id, arguments.name, who=call.who)
    settle(call)
    return {"class_id": renamed.class_id, "name": renamed.name}


def _merge(call: Call, arguments: MergeArguments) -> object:
    ending = [find_class(call.db, name).class_id for name in arguments.class_names]
    into = find_class(call.db, arguments.into).class_id
    return _changed(call, merge_classes(call.db, ending, into=into, who=call.who))


def _delete(call: Call, arguments: DeleteArguments) -> object:
    found = find_class(call.db, arguments.class_name)
    if arguments.to is not None and arguments.reject:
        raise InputError("Say either --to C or --reject: a picture cannot go to another class and into the bin.")
    if arguments.to is not None:
        into = find_class(call.db, arguments.to).class_id
        return _changed(call, merge_classes(call.db, [found.class_id], into=into, who=call.who))
    usable = next(row.usable for row in count_classes(call.db) if row.class_id == found.class_id)
    if usable and not arguments.reject:
        raise InputError(
            f"{found.name!r} has {usable:,} pictures; say --to C to move them to another class, or --reject to put "
            "them into the bin."
        )
    return _changed(call, delete_class(call.db, found.class_id, who=call.who))


def _order(call: Call, arguments: OrderArguments) -> object:
    wished = [find_class(call.db, name).class_id for name in arguments.class_names]
    order_classes(call.db, wished, who=call.who)
    settle(call)
    return [{"class_id": row.class_id, "name": row.name} for row in list_classes(call.db)]


def _lines_in(file: str) -> list[str]:
    path = plain_path(file)
    try:
        return split_lines(path.read_text(encoding="utf-8-sig"))
    except UnicodeDecodeError as exc:
        raise StorageError(f"{path} is not UTF-8 text (byte {exc.start:,}); save it as UTF-8.") from exc
    except OSError as exc:
        raise storage_error(exc, path) from exc


def _changed(call: Call, decided: Decided) -> object:
    settle(call)
    return {"batch": decided.batch, "changed": decided.changed, "classes": decided.classes}


CLASS_VERBS: dict[str, Verb] = {
    "classes add": verb(AddArguments, _add, "add classes, one or a list of them"),
    "classes rename": verb(RenameArguments, _rename, "give a class another name; its number stays"),
    "classes merge": verb(MergeArguments, _merge, "move all pictures of classes into another one"),
    "classes delete": verb(DeleteArguments, _delete, "end a class; its pictures move to another, or to the bin"),
    "classes order": verb(OrderArguments, _order, "put these classes first; no number changes"),
}
