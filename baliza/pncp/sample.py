"""The embedded sample: synthetic answers in PNCP's own page format, replayed without a network."""

from __future__ import annotations

import gzip
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

BASE_URL = "http://sample.invalid"
"""Never asked: the address that stands in meta.requests for answers of the sample."""

_IN_PACKAGE = Path(str(resources.files("baliza"))) / "sample"
_IN_REPOSITORY = Path(__file__).parents[2] / "data" / "sample"


@dataclass(frozen=True)
class Sample:
    """A folder of recorded answers and its manifest."""

    folder: Path

    @cached_property
    def _manifest(self) -> Mapping[str, Any]:
        return json.loads((self.folder / "manifest.json").read_text(encoding="utf-8"))

    @property
    def since(self) -> date:
        """First day the sample speaks of."""
        return date.fromisoformat(self._manifest["since"])

    @property
    def until(self) -> date:
        """Last day the sample speaks of."""
        return date.fromisoformat(self._manifest["until"])

    @cached_property
    def answers(self) -> dict[tuple[str, frozenset[tuple[str, str]]], Path]:
        """The file that answers each endpoint and query."""
        return {
            (answer["endpoint"], frozenset(answer["params"].items())): self.folder / answer["file"]
            for answer in self._manifest["answers"]
        }


def embedded() -> Sample:
    """The sample that comes with baliza: inside an installed package, or in the repository it runs from."""
    return Sample(_IN_PACKAGE if _IN_PACKAGE.exists() else _IN_REPOSITORY)


class SampleTransport(httpx.AsyncBaseTransport):
    """Answers requests from recorded files; what was not recorded is an error, never empty."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """The recorded answer, or 404."""
        endpoint = request.url.path.rpartition("/")[2]
        file = self._sample.answers.get((endpoint, frozenset(request.url.params.items())))
        if file is None:
            return httpx.Response(404, json={"message": f"The sample holds no answer to {request.url}"})
        headers = {"Content-Type": "application/json"}
        return httpx.Response(200, content=gzip.decompress(file.read_bytes()), headers=headers)
