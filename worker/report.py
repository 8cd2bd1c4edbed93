"""What a worker's log says of each answer."""

from __future__ import annotations

import logging

from model import Answer, CategoriesWanted, CategoryNames, Delivery, Done, Found, GiveUp, Lookup, NotFound, Retry, Task

log = logging.getLogger(__name__)


def tell(task: Task, answer: Answer, seconds: float) -> None:
    """One line for an answer that came after so many seconds."""
    about, took = about_task(task), seconds * 1000
    match answer:
        case Done():
            log.info("delivered %s ms=%.0f", about, took)
        case Found(map_id):
            log.info("found %s conversation=%s ms=%.0f", about, map_id, took)
        case CategoryNames(names):
            log.info("categories_named %s count=%d ms=%.0f", about, len(names), took)
        case NotFound(reason):
            log.info("not_found %s ms=%.0f reason=%s", about, took, reason)
        case Retry(reason):
            log.warning("retry %s ms=%.0f reason=%s", about, took, reason)
        case GiveUp(reason):
            log.error("gave_up %s ms=%.0f reason=%s", about, took, reason)


def about_task(task: Task) -> str:
    """What a log line says of a task: never a lead's address."""
    match task:
        case Delivery():
            told = f"conversation={task.email_lead_map_id} account={task.account}"
            return f"{told} mark={task.mark} attempt={task.attempt}"
        case Lookup():
            return f"lookup by={task.by} account={task.account} attempt={task.attempt}"
        case CategoriesWanted():
            return f"categories account={task.account}"
