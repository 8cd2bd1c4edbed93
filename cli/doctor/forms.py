"""What to paste into the forms of SmartLead and Zapier. Pure."""

from __future__ import annotations

from typing import TYPE_CHECKING

from cli.doctor.addresses import in_query

if TYPE_CHECKING:
    from cli.doctor.addresses import Home

Form = dict[str, str]

# Key of the Zap's data -> the field of a reply that it fills (webhooks/paths.py), and what to choose for it.
ZAP_DATA = {
    "email_lead_map_id": ("email_lead_map_id", "the conversation's number; SmartLead has it as sl_email_lead_map_id"),
    "app_url": (None, "the link to SmartLead's inbox, if there is no such number"),
    "lead_email": ("lead", "the lead's address"),
    "campaign_id": ("campaign_id", "with it and the lead the number is found, if it is not there"),
    "reply_text": ("text", "the reply's text"),
    "subject": ("subject", "the reply's subject"),
    "message_id": ("message_id", "tells one reply from the next"),
    "time_replied": ("written_at", "when it was written; without it no known conversation is ever marked read"),
    "reply_received_from": ("sender", "who replied, if it may be another person than the lead"),
    "category": ("category", "if rules ask for it"),
    "campaign_name": ("campaign", "if rules ask for it"),
    "mailbox": ("mailbox", "our address, if rules ask for it"),
}


def smartlead_form(home: Home, token: str | None) -> Form:
    """The fields of SmartLead's form for a webhook; `token` is shown as it is given, None if none is needed."""
    return {
        "Name": "Replymark",
        "Webhook URL": home.url("smartlead", token),
        "Events": "Email Reply (EMAIL_REPLY), Lead Category Updated (LEAD_CATEGORY_UPDATED)",
    }


def zapier_form(home: Home, token: str | None) -> Form:
    """The fields of the action POST of "Webhooks by Zapier"."""
    data = {f"Data: {key}": meaning for key, (_field, meaning) in ZAP_DATA.items()}
    secrets = home.account.variable("SMARTLEAD_WEBHOOK_SECRETS")
    sign_in = {"Basic Auth": f"zap|{token}"} if token else {"Data: secret_key": f"one of {secrets}"}
    head = {"URL": home.url("zapier", None), "Payload Type": "json", "Data: event_type": "EMAIL_REPLY"}
    return head | data | {"Wrap Request In Array": "no", "Unflatten": "no"} | sign_in


def token_for(home: Home, *, whole: bool, in_url: bool) -> str | None:
    """The token as it may be shown: as it is, or by its place; None where body secrets stand for tokens."""
    if not home.tokens:
        return None
    if not whole:
        return f"<the first of {home.tokens_variable}>"
    return in_query(home.tokens[0]) if in_url else home.tokens[0]
