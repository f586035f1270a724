"""faiss: an exact range search over a flat binary index; runs in the rivals' environment."""

from typing import Any

import faiss
import numpy as np

from bench.rivals.serve import serve

__all__: list[str] = []


def _search(argument: dict[str, Any]) -> int:
    rows = np.load(argument["hashes"]).view(np.uint8).reshape(-1, 8)
    index = faiss.IndexBinaryFlat(64)
    index.add(rows)
    _, _, found = index.range_search(rows, argument["radius"] + 1)  # faiss keeps what is nearer than its radius
    return (len(found) - len(rows)) // 2


if __name__ == "__main__":
    serve({"search": _search})
