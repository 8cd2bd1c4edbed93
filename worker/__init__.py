"""The worker: claim what is due, ask or tell SmartLead within the rate, settle the answer. One for each account."""

from worker.sweeper import Sweeper
from worker.worker import QUESTIONS, Worker
from worker.workers import Workers

__all__ = ["QUESTIONS", "Sweeper", "Worker", "Workers"]
