"""The embedded sample: a small invented PNCP that answers without a network."""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from importlib import resources
from pathlib import Path
from typing import Any

import httpx

from baliza.simulator.answers import Archive, Records
from baliza.simulator.storage import FILE_OF, unpacked

BASE_URL = "http://sample.invalid"
"""Never asked: the address that stands in meta.requests for answers of the sample."""

_IN_PACKAGE = Path(str(resources.files("baliza"))) / "sample"
_IN_REPOSITORY = Path(__file__).parents[2] / "data" / "sample"


@dataclass(frozen=True)
class Sample:
    """A folder of records and its manifest."""

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


def embedded() -> Sample:
    """The sample that comes with baliza: inside an installed package, or in the repository it runs from."""
    return Sample(_IN_PACKAGE if _IN_PACKAGE.exists() else _IN_REPOSITORY)


class Shelves(Mapping[str, Records]):
    """Records by endpoint id, each read from its file when first asked for."""

    def __init__(self, sample: Sample) -> None:
        self._sample = sample

    def __getitem__(self, endpoint: str) -> Records:
        return unpacked(self._sample.folder, endpoint, self._sample.until)

    def __contains__(self, endpoint: object) -> bool:
        return endpoint in FILE_OF

    def __iter__(self) -> Iterator[str]:
        return iter(FILE_OF)

    def __len__(self) -> int:
        return len(FILE_OF)


class SampleTransport(httpx.AsyncBaseTransport):
    """Answers requests as PNCP would if the sample were all it held; what it does not know is 404."""

    def __init__(self, sample: Sample) -> None:
        self._archive = Archive(Shelves(sample))

    async def handle_async_request(self, request: httpx.Request) -> httpx.Response:
        """Answer from the records."""
        answer = self._archive.answer(request.url.path, dict(request.url.params))
        headers = {"Content-Type": answer.content_type} if answer.body else {}
        return httpx.Response(answer.status, content=answer.body, headers=headers)
