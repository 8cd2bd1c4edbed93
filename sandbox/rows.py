"""Conversations as SmartLead's answers show them, in both generations of the lists that are online at once."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from sandbox.mails import iso

if TYPE_CHECKING:
    from sandbox.categories import Category
    from sandbox.conversation import Conversation


def live_row(conversation: Conversation) -> dict[str, Any]:
    """A row of a list: ids as text, as in the answers that integrators recorded."""
    return {
        "lead_category_id": conversation.category_id,
        "last_sent_time": None,
        "last_reply_time": iso(conversation.last_reply_time),
        "has_new_unread_email": not conversation.is_read,
        "email_account_id": 5352520,
        "revenue": "0.00",
        "lead_first_name": conversation.first_name,
        "lead_last_name": conversation.last_name,
        "lead_email": conversation.email,
        "email_lead_id": str(conversation.lead_id),
        "email_lead_map_id": str(conversation.map_id),
        "lead_status": "COMPLETED",
        "current_sequence_number": 1,
        "is_important": False,
        "is_archived": conversation.is_archived,
        "is_snoozed": False,
        "team_member_id": None,
        "is_ooo_automated_push_lead": None,
        "email_campaign_id": conversation.campaign_id,
        "email_campaign_name": conversation.campaign_name,
        "client_id": conversation.client_id,
        "sequence_count": "3",
    }


def documented_row(conversation: Conversation, category: Category | None) -> dict[str, Any]:
    """A row of a list as SmartLead's reference shows it."""
    return {
        "id": conversation.map_id % 1_000_000 + 1,
        "campaign_lead_map_id": str(conversation.map_id),
        "lead": {
            "id": conversation.lead_id,
            "email": conversation.email,
            "first_name": conversation.first_name,
            "last_name": conversation.last_name,
        },
        "campaign": {"id": conversation.campaign_id, "name": conversation.campaign_name},
        "email_account": {"id": 5352520, "email": conversation.mailbox},
        "last_message": {"received_at": iso(conversation.last_reply_time)},
        "email_status": "Replied",
        "category": {"id": category.number, "name": category.name} if category else None,
        "client_id": conversation.client_id,
        "assigned_to": None,
        "is_read": conversation.is_read,
        "is_important": False,
        "is_archived": conversation.is_archived,
        "tags": [],
    }


def lookup(conversations: list[Conversation]) -> dict[str, Any]:
    """One lead with all its conversations as the lead lookup shows it; `{}` without any."""
    if not conversations:
        return {}
    lead = conversations[0]
    return {
        "id": str(lead.lead_id),
        "first_name": lead.first_name,
        "last_name": lead.last_name,
        "email": lead.email,
        "is_unsubscribed": False,
        "lead_campaign_data": [
            {
                "campaign_lead_map_id": each.map_id,
                "lead_category_id": each.category_id,
                "campaign_id": each.campaign_id,
                "campaign_name": each.campaign_name,
                "client_id": each.client_id,
            }
            for each in conversations
        ],
    }
