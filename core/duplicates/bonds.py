"""How each picture of a group belongs to the copy to keep: by near hashes, or laid over it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

from core.duplicates.candidates import Picture
from core.duplicates.kin import Kin, Link
from core.duplicates.neighbours import apart
from core.duplicates.pairs import MAX_RADIUS

__all__ = ["Bond", "BondKind", "bond", "page_shares"]

BondKind = Literal["near", "mirror", "turned", "crop"]


@dataclass(frozen=True, slots=True)
class Bond:
    kind: BondKind
    bits: int
    """Between the hashes; of pictures laid over each other, between those of their looks once they are."""
    link: Link | None
    """Seen from the picture; None where the hashes are near, or both pictures are only kin of a third one."""


def bond(picture: Picture, keep: Picture, *, group: Sequence[Picture], kin: Kin) -> Bond:
    """How a picture of a group belongs to the copy to keep."""
    link = kin.between(picture.image, keep.image)
    bits, mirrored = apart(picture, keep)
    if link is not None and (link.relation != "near" or link.bits < bits):
        return Bond(link.relation, link.bits, link)
    if link is None and bits > MAX_RADIUS:
        others = {one.image for one in group}
        links = [kin.between(image, other) for image in (picture.image, keep.image) for other in others]
        known = [found for found in links if found is not None]
        if known:
            return Bond(_kind_of(known), max(found.bits for found in known), None)
    return Bond("mirror" if mirrored else "near", bits, None)


def page_shares(group: Sequence[Picture], kin: Kin) -> dict[int, float]:
    """Of pages and framed pictures, by image: the share of their area that another picture of the group fills."""
    images = {picture.image for picture in group}
    shares: dict[int, float] = {}
    for image in images & kin.partners.keys():
        links = [kin.between(image, other) for other in kin.partners[image] if other in images]
        filled = [link.area for link in links if link is not None and link.page]
        if filled:
            shares[image] = max(filled)
    return shares


def _kind_of(links: Sequence[Link]) -> BondKind:
    relations = {link.relation for link in links}
    return "crop" if "crop" in relations else "turned" if "turned" in relations else "near"
