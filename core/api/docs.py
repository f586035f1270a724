"""The API's own page: every route in words, made from its OpenAPI description, with nothing loaded from elsewhere."""

import json
from collections.abc import Iterator
from html import escape
from typing import Any

from fastapi import FastAPI

__all__ = ["docs_page"]

_HEAD = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Specimen API</title><style>
:root { color-scheme: light dark }
body { font: 16px/1.5 system-ui, sans-serif; max-width: 52rem; margin: 32px auto; padding: 0 16px;
  background: light-dark(#FAF9F6, #131614); color: light-dark(#1F2421, #E6E9E4) }
article { border-top: 1px solid light-dark(#DDD9CF, #313733); padding: 16px 0 }
h2 { font-size: 16px; margin: 0 } p { margin: 8px 0 } summary { cursor: pointer }
code, pre { font: 14px/1.5 ui-monospace, monospace; overflow-wrap: anywhere; white-space: pre-wrap }
td, th { text-align: left; vertical-align: top; padding: 2px 16px 2px 0; font-weight: normal }
a, b { color: light-dark(#2F6B4F, #74C49B) }
</style></head><body><h1>Specimen API</h1>
<p>What the pages of this app ask for; programs may ask the same. Errors are <code>{"error": "a sentence"}</code>.
The description for machines: <a href="openapi.json">openapi.json</a>.</p>
"""


def docs_page(api: FastAPI) -> str:
    """The page as HTML."""
    description = api.openapi()
    articles = "".join(_articles(description))
    schemas = escape(json.dumps(description.get("components", {}), indent=1))
    shapes = f"<article><details><summary>Shapes of bodies</summary><pre>{schemas}</pre></details></article>"
    return f"{_HEAD}{articles}{shapes}</body></html>"


def _articles(description: dict[str, Any]) -> Iterator[str]:
    for path, methods in description["paths"].items():
        for method, route in methods.items():
            parameters = "".join(_parameter(item) for item in route.get("parameters", []))
            body = _body(route)
            yield (
                f"<article><h2><b>{escape(method.upper())}</b> <code>{escape(path)}</code></h2>"
                f"<p>{escape(route.get('summary', ''))}.</p><table>{parameters}{body}</table></article>"
            )


def _parameter(item: dict[str, Any]) -> str:
    schema = item.get("schema", {})
    limits = ", ".join(
        f"{word} {schema[key]}"
        for key, word in (("minimum", "from"), ("maximum", "to"), ("default", "else"))
        if schema.get(key) not in (None, "")
    )
    kind = escape(f"{schema.get('type', '')} {limits}".strip())
    return f"<tr><td><code>{escape(item['name'])}</code></td><td>{escape(item['in'])}</td><td>{kind}</td></tr>"


def _body(route: dict[str, Any]) -> str:
    content = route.get("requestBody", {}).get("content", {})
    return "".join(
        f"<tr><td>body</td><td>{escape(kind)}</td><td>{escape(str(shape['schema'].get('$ref', '')).rpartition('/')[2])}"
        "</td></tr>"
        for kind, shape in content.items()
    )
