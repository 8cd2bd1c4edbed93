"""The worker: claim what is due, ask or tell SmartLead within the rate, settle the answer."""

from worker.worker import QUESTIONS, Worker

__all__ = ["QUESTIONS", "Worker"]
