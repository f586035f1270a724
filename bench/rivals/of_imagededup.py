"""imagededup: hashing a folder, and its two ways to search; runs in the rivals' environment."""

from pathlib import Path
from typing import Any

import numpy as np
from imagededup.handlers.search.retrieval import HashEval
from imagededup.methods import PHash

from bench.rivals.serve import serve

__all__: list[str] = []


def _hash(argument: dict[str, Any]) -> int:
    folder = Path(argument["files"][0]).parent
    cores = len(argument["cores"])
    workers = 0 if cores == 1 else cores
    return len(PHash(verbose=False).encode_images(folder, num_enc_workers=workers))


def _search(argument: dict[str, Any]) -> int:
    hashes = {str(place): f"{value:016x}" for place, value in enumerate(np.load(argument["hashes"]).tolist())}
    found = HashEval(
        test=hashes,
        queries=hashes,
        distance_function=PHash.hamming_distance,
        verbose=False,
        threshold=argument["radius"],
        search_method=argument["method"],
        num_dist_workers=0,
    ).retrieve_results(scores=False)
    return sum(len(others) for others in found.values()) // 2


if __name__ == "__main__":
    serve({"hash": _hash, "search": _search})
