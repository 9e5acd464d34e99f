"""An HTTP answer of PNCP, and how it writes what it says."""

from __future__ import annotations

import json
from dataclasses import dataclass
from datetime import UTC, datetime
from http import HTTPStatus
from typing import Any


@dataclass(frozen=True)
class Answer:
    """An HTTP answer.

    Attributes:
        status: HTTP status code.
        body: bytes of the body, possibly none.
        content_type: media type of the body.
    """

    status: int
    body: bytes = b""
    content_type: str = "application/json"


NO_CONTENT = Answer(HTTPStatus.NO_CONTENT)


def json_answer(status: int, payload: Any) -> Answer:
    """Write a payload as PNCP does: UTF-8, no escapes, no spaces."""
    body = json.dumps(payload, ensure_ascii=False, separators=(",", ":")).encode()
    return Answer(status, body)


def refusal(status: HTTPStatus, message: str, path: str) -> Answer:
    """Write the error object of the API; its business refusals (422) carry only two of its fields."""
    if status == HTTPStatus.UNPROCESSABLE_ENTITY:
        return json_answer(status, {"message": message, "error": "422 UNPROCESSABLE_ENTITY"})
    payload = {
        "message": message,
        "path": path,
        "timestamp": datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%S"),
        "status": str(int(status)),
        "error": status.phrase,
    }
    return json_answer(status, payload)
