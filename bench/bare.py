"""The smallest Flask app: it reads nothing and keeps nothing, so it shows what server and framework alone cost."""

from __future__ import annotations

from flask import Flask

app = Flask(__name__, static_folder=None)


@app.post("/webhooks/smartlead")
def answer() -> dict[str, bool]:
    """Say that all is well."""
    return {"ok": True}
