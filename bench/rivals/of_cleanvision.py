"""cleanvision: its hash for near duplicates, and all that it looks for; runs in the rivals' environment."""

from typing import Any

from cleanvision import Imagelab

from bench.rivals.serve import serve

__all__: list[str] = []


def _hash(argument: dict[str, Any]) -> int:
    lab = Imagelab(filepaths=argument["files"], verbose=False)
    lab.find_issues({"near_duplicates": {}}, n_jobs=len(argument["cores"]), verbose=False)
    return len(lab.issues)


def _scan(argument: dict[str, Any]) -> int:
    lab = Imagelab(filepaths=argument["files"], verbose=False)
    lab.find_issues(n_jobs=len(argument["cores"]), verbose=False)
    return len(lab.issues)


if __name__ == "__main__":
    serve({"hash": _hash, "scan": _scan})
