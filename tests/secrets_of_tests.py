"""The secrets that every test uses: told apart from all other text, so that one that leaks is found."""

from __future__ import annotations

API_KEY = "sk-canary-api-key-7f3a"
TOKEN = "canary-webhook-token-9c1e"
SECRET = "canary-secret-key-4d2b"
SIGNING_SECRET = "canary-signing-secret-5b8e"
ACME_KEY = "sk-canary-key-of-acme-8b2d"
ACME_TOKEN = "canary-token-of-acme-6e4f"

ALL = (API_KEY, TOKEN, SECRET, SIGNING_SECRET, ACME_KEY, ACME_TOKEN)
