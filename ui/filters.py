"""What the chips of the Clean page say, as an expression of the catalogue's filter language."""

from collections.abc import Sequence

__all__ = ["ORDERS", "QUALITIES", "VERDICTS", "expression", "quoted"]

VERDICTS = {"unreviewed": "not looked at", "keep": "✓ kept", "reject": "✕ rejected"}
QUALITIES = {
    "blurred": ("blurred", "sharpness < 60"),
    "small": ("small", "(width < 128 or height < 128)"),
    "dark": ("dark", "brightness < 0.2"),
    "bright": ("bright", "brightness > 0.9"),
    "flat": ("low contrast", "contrast < 0.08"),
    "white": ("white ground", "border_white > 0.9"),
    "clear": ("see-through", "transparent > 0.05"),
    "copies": ("copies", "cluster != none"),
    "long": ("very wide or tall", "(aspect > 2.5 or aspect < 0.4)"),
}
"""Name in the address: (words, condition); several chosen ones are joined by or."""
ORDERS = {
    "id": "oldest first",
    "-added": "newest first",
    "class,id": "by class",
    "cluster,id": "copies together",
    "sharpness": "blurred first",
    "-sharpness": "sharp first",
    "brightness": "dark first",
    "-brightness": "bright first",
    "pixels": "small first",
    "-pixels": "large first",
    "-border_white": "white ground first",
    "path": "by file",
}


def expression(
    classes: Sequence[str], verdicts: Sequence[str], *, qualities: Sequence[str] = (), further: str = ""
) -> str:
    """The conditions joined by and; "" when nothing is chosen."""
    parts = []
    if classes:
        parts.append(f"class in ({', '.join(quoted(name) for name in classes)})")
    if verdicts:
        parts.append(f"verdict in ({', '.join(verdicts)})")
    chosen = [QUALITIES[name][1] for name in qualities if name in QUALITIES]
    if chosen:
        parts.append(f"({' or '.join(chosen)})")
    if further.strip():
        parts.append(f"({further.strip()})" if parts else further.strip())
    return " and ".join(parts)


def quoted(text: str) -> str:
    """`text` as a value of the filter language."""
    escaped = text.replace("\\", "\\\\").replace('"', '\\"')
    return f'"{escaped}"'
