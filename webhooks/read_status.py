"""What a call of SmartLead's own change-read-status asks for, or the refusal that SmartLead would give. Pure.

Shapes as in SmartLead's reference: `{"email_lead_map_id": number, "read_status": boolean}`. Beyond it an id may be a
text of digits, and the body a form: relays make text of everything.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import parse_qsl

from model import MAX_MAP_ID
from webhooks import MARK_UNREAD
from webhooks.unwrap import MAX_VALUES, decode

if TYPE_CHECKING:
    from collections.abc import Mapping


_FORM: Final = "application/x-www-form-urlencoded"
_BOOLEANS: Final = {"true": True, "false": False}
_EXACT: Final = 2**53  # below it a float that is whole is the number that was meant


@dataclass(frozen=True, slots=True)
class Change:
    """The flag that a conversation is to have."""

    email_lead_map_id: int
    is_read: bool


@dataclass(frozen=True, slots=True)
class Invalid:
    """Why nothing is changed: the status and the JSON to answer with."""

    status: int
    answer: Mapping[str, Any]


def read_fields(body: bytes, content_type: str | None) -> dict[str, Any] | Invalid:
    """The fields of a body: JSON under any content type, or a form. An empty body has none."""
    text = decode(body).strip("\ufeff \t\r\n")
    kind = (content_type or "").partition(";")[0].strip().lower()
    if not text:
        return {}
    if kind == _FORM and text[0] not in "{[":
        return _read_form(text)
    try:
        fields = json.loads(text, strict=False)
    except (ValueError, RecursionError):
        return _bad_request("The body is no valid JSON")
    return fields if isinstance(fields, dict) else _bad_request('"value" must be of type object', "value")


def _read_form(text: str) -> dict[str, Any] | Invalid:
    try:
        fields = dict(parse_qsl(text, keep_blank_values=True, max_num_fields=MAX_VALUES))
    except ValueError:
        return _bad_request("The form has too many fields")
    told = fields.get("read_status")
    return fields if told is None else fields | {"read_status": _BOOLEANS.get(told.strip().lower(), told)}


def read_change(fields: Mapping[str, Any], name: str) -> Change | Invalid:
    """What a call of this endpoint asks for by these fields; `mark-unread` needs the conversation alone."""
    wanted = {**fields, "read_status": False} if name == MARK_UNREAD else fields
    for key in ("email_lead_map_id", "read_status"):
        if key not in wanted:
            return _bad_request(f'"{key}" is required', key)
    map_id = _read_id(wanted["email_lead_map_id"])
    if isinstance(map_id, str):
        return _bad_request(f'"email_lead_map_id" {map_id}', "email_lead_map_id")
    if not isinstance(wanted["read_status"], bool):
        return Invalid(422, {"error": "read_status must be a boolean value"})
    return Change(map_id, wanted["read_status"])


def _read_id(told: Any) -> int | str:
    """The id, or the end of a sentence why it is none."""
    number = told
    if isinstance(told, str):
        digits = told.strip()
        number = int(digits) if digits.isascii() and digits.isdigit() and len(digits) <= 30 else None
    if isinstance(number, float) and number.is_integer() and abs(number) < _EXACT:
        number = int(number)
    if isinstance(number, float):
        return "must be an integer"
    if isinstance(number, bool) or not isinstance(number, int):
        return "must be a number"
    if number < 1:
        return "must be a positive number"
    return number if number <= MAX_MAP_ID else f"must be less than or equal to {MAX_MAP_ID}"


def _bad_request(message: str, *keys: str) -> Invalid:
    """A refusal in the form of Joi, the validator that SmartLead uses."""
    answer: dict[str, Any] = {"statusCode": 400, "error": "Bad Request", "message": message}
    return Invalid(400, answer | {"validation": {"source": "body", "keys": list(keys)}} if keys else answer)
