"""How each fault looks from outside: what it does to the answer that would have been given."""

from __future__ import annotations

from collections.abc import Callable
from http import HTTPStatus

from baliza.simulator.queries import LONG_WINDOW
from baliza.simulator.replies import NO_CONTENT, Answer, json_answer, refusal

UNANSWERED = ("reset", "stall")
"""Faults after which the connection closes without a byte."""

HTML = "text/html; charset=utf-8"
DATABASE_ERROR = "Erro na comunicação com o banco de dados."


def _page(title: str, text: str) -> bytes:
    return (
        f"<html><head><title>{title}</title></head><body><h1>{title}</h1><p>{text}</p></body></html>".encode()
    )


FIXED: dict[str, Answer] = {
    "html_429": Answer(
        HTTPStatus.TOO_MANY_REQUESTS,
        _page("Limite de Requisições Excedido", "Aguarde alguns instantes e tente novamente."),
        HTML,
    ),
    "http_500": json_answer(HTTPStatus.INTERNAL_SERVER_ERROR, DATABASE_ERROR),
    "http_503": json_answer(
        HTTPStatus.SERVICE_UNAVAILABLE, {"message": "Service Unavailable", "status": "503"}
    ),
    "html_504": Answer(
        HTTPStatus.GATEWAY_TIMEOUT, _page("504 Gateway Time-out", "The server didn't respond in time."), HTML
    ),
    "html_200": Answer(
        HTTPStatus.OK, _page("Serviço indisponível", "A página solicitada não pôde ser exibida."), HTML
    ),
    "spurious_422": refusal(HTTPStatus.UNPROCESSABLE_ENTITY, LONG_WINDOW, ""),
    "false_empty": NO_CONTENT,
    "reset": Answer(HTTPStatus.OK),
    "stall": Answer(HTTPStatus.OK),
}


def broken(fault: str | None, honest: Callable[[], Answer]) -> tuple[Answer, int]:
    """Apply a fault to an answer.

    Args:
        fault: the fault that strikes the request, or None.
        honest: makes the answer that would have been given; not called when the fault hides it, as a
            request that fails at the gate begins no walk.

    Returns:
        The answer, and the length to declare for it (bytes), greater than the body's when it is cut short.
    """
    if fault in FIXED:
        answer = FIXED[fault]
        return answer, len(answer.body)
    answer = honest()
    if fault is None or not answer.body:
        return answer, len(answer.body)
    half = Answer(answer.status, answer.body[: len(answer.body) // 2], answer.content_type)
    return half, len(answer.body) if fault == "short_body" else len(half.body)
