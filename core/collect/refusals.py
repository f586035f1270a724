"""The states in which a search engine gives no results, recognised and named; none of them is worked around."""

from urllib.parse import urlsplit

from core.collect.download import Answer
from core.collect.found import EngineError

__all__ = ["name_refusal", "refuse_redirect"]

_CAPTCHA_SIGNS = (
    "detected unusual traffic",
    "captcha-form",
    "g-recaptcha",
    "h-captcha",
    "turing/captcha",
    "challenge-platform",
    "please solve the challenge",
)
_OTHER = {"bing": "google", "openverse": "commons", "commons": "openverse"}
"""Which engine to go to from another one; from those that are not named, to Bing."""
_CONSENT_SIGNS = ("consent.google.", "consent.youtube.", "before you continue to")
_SCRIPT_SIGNS = ("enablejs", "please enable javascript", "turn on javascript", "having trouble accessing google")


def refuse_redirect(engine: str, target: str) -> None:
    """Raise EngineError when an engine sends us on to a captcha or a consent page, before that is fetched."""
    parts = urlsplit(target)
    if "/sorry/" in parts.path or "captcha" in parts.path.lower():
        raise _captcha(engine)
    if (parts.hostname or "").startswith("consent."):
        raise _consent(engine)


def name_refusal(engine: str, answer: Answer) -> None:
    """Raise EngineError when an answer without results says why it has none."""
    text = answer.body[:400_000].decode("utf-8", "replace").lower()
    if "/sorry/" in urlsplit(answer.url).path or _holds(text, _CAPTCHA_SIGNS):
        raise _captcha(engine)
    if _holds(text, _CONSENT_SIGNS):
        raise _consent(engine)
    if answer.status == 429:
        raise EngineError(f"{engine} asks to slow down (429); wait some minutes or {_instead(engine)}.")
    if answer.status in (401, 403):
        raise EngineError(f"{engine} refuses to answer ({answer.status}); {_instead(engine)}.", final=False)
    if answer.status >= 400:
        raise EngineError(f"{engine} does not work now ({answer.status}); try again later or {_instead(engine)}.")
    if _holds(text, _SCRIPT_SIGNS):
        raise EngineError(f"{engine} wants a browser that runs scripts; {_instead(engine)}.", final=False)


def _captcha(engine: str) -> EngineError:
    return EngineError(f"{engine} asks for a captcha; {_instead(engine)}.")


def _consent(engine: str) -> EngineError:
    return EngineError(f"{engine} asks for consent to its terms first; {_instead(engine)}.")


def _instead(engine: str) -> str:
    return f"try {_OTHER.get(engine, 'bing')} or import a folder"


def _holds(text: str, signs: tuple[str, ...]) -> bool:
    return any(sign in text for sign in signs)
