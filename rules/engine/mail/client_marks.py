"""Client marks: by which ids, classes and names mail programs mark quotations in the HTML that they write."""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from typing import TYPE_CHECKING, Final

if TYPE_CHECKING:
    from collections.abc import Mapping


@dataclass(frozen=True, slots=True)
class ClientMark:
    """What an element is to the mail program that wrote it, and whether all after it is history too."""

    name: str
    rest: bool = False


_OUTLOOK: Final = ClientMark("quotation of Outlook", rest=True)
_OUTLOOK_PLACE: Final = ClientMark("quotation of Outlook", rest=True)
_OUTLOOK_QUOTE: Final = ClientMark("quotation of Outlook")
_GMAIL: Final = ClientMark("quotation of Gmail")
_YAHOO: Final = ClientMark("quotation of Yahoo")
_PROTON: Final = ClientMark("quotation of Proton Mail")
_ZOHO: Final = ClientMark("quotation of Zoho")
_THUNDERBIRD: Final = ClientMark("quotation of Thunderbird")
_GMX: Final = ClientMark("quotation of GMX or web.de")
_CITED: Final = ClientMark("cited quotation")
_TAG_LINE: Final = ClientMark("tag line")
_SIGNATURE: Final = ClientMark("signature")

QUOTATION: Final = ClientMark("block quotation")
OUTLOOK_HEADER: Final = ClientMark("mail below its header", rest=True)

_BY_ID: Final = {
    "divrplyfwdmsg": _OUTLOOK,
    "appendonsend": _OUTLOOK_PLACE,
    "olk_src_body_section": _OUTLOOK,
    "mail-editor-reference-message-container": _OUTLOOK_QUOTE,
    "ms-outlook-mobile-signature": _TAG_LINE,
    "ymail_android_signature": _TAG_LINE,
    "ymail_ios_signature": _TAG_LINE,
    "blockquote_zmail": _ZOHO,
    "zmail_extra": _ZOHO,
    "isreplycontent": ClientMark("quotation of NetEase"),
}
_BY_CLASS: Final = {
    "gmail_quote": _GMAIL,
    "gmail_attr": _GMAIL,
    "yahoo_quoted": _YAHOO,
    "protonmail_quote": _PROTON,
    "protonmail_signature_block-proton": _TAG_LINE,
    "zmail_extra": _ZOHO,
    "moz-cite-prefix": _THUNDERBIRD,
    "moz-forward-container": _THUNDERBIRD,
    "moz-signature": _SIGNATURE,
    "ms-outlook-mobile-reference-message": _OUTLOOK_QUOTE,
    "outlookmessageheader": _OUTLOOK,
    "tutanota_quote": ClientMark("quotation of Tuta"),
    "front-blockquote": ClientMark("quotation of Front"),
    "history_container": ClientMark("quotation of Mailbird"),
    "sh-quoted-content": ClientMark("quotation of Superhuman"),
    "ntes-mailmaster-quote": ClientMark("quotation of NetEase"),
}
_BY_NAME: Final = {
    "quote": _GMX,
    "quoted-content": _GMX,
    "messagereplysection": ClientMark("quotation of Spark"),
}

_MAIL_RU_SIGNATURE: Final = "data-signature-widget"

_LONGEST_STYLE: Final = 2_000
_KEPT_STYLES: Final = 512


def find_mark(tag: str, attributes: Mapping[str, str | None]) -> ClientMark | None:
    """Tell what the element is by its attributes, if a mail program marked it."""
    # Outlook on the web puts x_ before the ids and classes of what it quotes.
    identity = attributes.get("id")
    if identity and (mark := _BY_ID.get(identity.lower().removeprefix("x_"))) is not None:
        return mark
    for name in (attributes.get("class") or "").lower().split():
        if (mark := _BY_CLASS.get(name.removeprefix("x_"))) is not None:
            return mark
    if tag == "blockquote" and (attributes.get("type") or "").lower() == "cite":
        return _CITED
    if _MAIL_RU_SIGNATURE in attributes:
        return _SIGNATURE
    return _BY_NAME.get((attributes.get("name") or "").lower()) if tag in {"div", "blockquote"} else None


def may_hold_answers(mark: ClientMark, tag: str) -> bool:
    """Tell whether the element holds quotations, and maybe answers between them: Gmail's `div` does."""
    return mark is _GMAIL and tag == "div"


def is_place(mark: ClientMark) -> bool:
    """Tell whether the element is only the place above a quotation, which begins with what follows it."""
    return mark is _OUTLOOK_PLACE


def is_below_rule(attributes: Mapping[str, str | None]) -> bool:
    """Tell whether Outlook's own line stands above the element, as it does above the header of a quoted mail."""
    style = attributes.get("style")
    return style is not None and _has_rule_above(style[:_LONGEST_STYLE])


# A mail repeats a few styles on all its elements.
@lru_cache(maxsize=_KEPT_STYLES)
def _has_rule_above(style: str) -> bool:
    return "border:none;border-top:solid" in "".join(style.lower().split())
