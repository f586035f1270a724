"""The page that asks for the password: one field, no script, nothing loaded from elsewhere."""

from html import escape

__all__ = ["login_page"]

_PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<title>Specimen</title><style>
:root {{ color-scheme: light dark; --ground: #FAF9F6; --text: #1F2421; --border: #DDD9CF; --accent: #2F6B4F;
  --on-accent: #FFF; --wrong: #B5452F }}
@media (prefers-color-scheme: dark) {{ :root {{ --ground: #131614; --text: #E6E9E4; --border: #313733;
  --accent: #74C49B; --on-accent: #131614; --wrong: #E2806B }} }}
body {{ margin: 0; min-height: 100vh; display: grid; place-items: center; background: var(--ground); color: var(--text);
  font: 16px/1.5 system-ui, sans-serif }}
form {{ display: grid; gap: 16px; width: min(320px, 100vw - 48px) }}
h1 {{ margin: 0; font-size: 24px }} p {{ margin: 0; color: var(--wrong) }} label {{ display: grid; gap: 8px }}
input, button {{ font: inherit; padding: 8px 12px; border-radius: 6px; border: 1px solid var(--border);
  background: transparent; color: inherit }}
button {{ background: var(--accent); border-color: var(--accent); color: var(--on-accent); cursor: pointer }}
:focus-visible {{ outline: 2px solid var(--accent); outline-offset: 2px }}
</style></head><body><form method="post"><h1>Specimen</h1>{message}
<label>Password <input type="password" name="password" autocomplete="current-password" required autofocus></label>
<button>Open</button></form></body></html>
"""


def login_page(message: str = "") -> bytes:
    """The page as HTML; `message` says why it is shown again."""
    shown = f'<p role="alert">{escape(message)}</p>' if message else ""
    return _PAGE.format(message=shown).encode()
