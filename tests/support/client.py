"""Starlette's test client, imported without its advice to change the HTTP library."""

import warnings

with warnings.catch_warnings():
    warnings.filterwarnings("ignore", message=r"Using `httpx` with")
    from starlette.testclient import TestClient

__all__ = ["TestClient"]
