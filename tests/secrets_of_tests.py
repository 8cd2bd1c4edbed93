"""The secrets that every test uses: told apart from all other text, so that one that leaks is found."""

from __future__ import annotations

API_KEY = "sk-canary-api-key-7f3a"
TOKEN = "canary-webhook-token-9c1e"
SECRET = "canary-secret-key-4d2b"
SIGNING_SECRET = "canary-signing-secret-5b8e"

ALL = (API_KEY, TOKEN, SECRET, SIGNING_SECRET)
