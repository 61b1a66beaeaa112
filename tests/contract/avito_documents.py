"""Avito's printed contracts, and which of them describes a path."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import yaml
from openapi_core import OpenAPI
from openapi_core.datatypes import RequestParameters
from openapi_core.testing import MockRequest, MockResponse
from werkzeug.datastructures import Headers

BY_PATH = {
    "/token": "avito-auth.yaml",
    "/messenger/": "avito-messenger.yaml",
    "/ratings/": "avito-ratings.yaml",
    "/core/v1/accounts/self": "avito-user-self.yaml",
    "/core/v1/": "avito-items.yaml",
}


@dataclass(frozen=True)
class Documents:
    """The contracts, each with its servers replaced by `host`."""

    contracts: dict[str, OpenAPI]
    host: str

    def of(self, path: str) -> OpenAPI:
        """The contract of a path."""
        return next(self.contracts[name] for start, name in BY_PATH.items() if path.startswith(start))

    def check(
        self, method: str, path: str, query: Any, headers: Any, body: bytes, answer: MockResponse | None
    ) -> None:
        """Validate a request, and its answer if there is one. Raises OpenAPIError."""
        kind = dict(headers).get("Content-Type") or dict(headers).get("content-type", "")
        request = MockRequest(self.host, method.lower(), path, data=body, content_type=kind)
        request.parameters = RequestParameters(query=query, header=Headers(list(dict(headers).items())))
        contract = self.of(path)
        contract.validate_request(request)
        if answer is not None:
            contract.validate_response(request, answer)


def load(specs_dir: Path, host: str) -> Documents:
    """Read the contracts in place.

    The example of `chat_types` has a comma ("u2i,u2u") where the schema's default style would repeat the name, and its
    enum would refuse the comma: the example is what running clients send.
    """
    contracts = {}
    for name in BY_PATH.values():
        raw = yaml.safe_load((specs_dir / "specs" / name).read_text(encoding="utf-8"))
        raw["servers"] = [{"url": host}]
        # the validator knows no oauth2: what it can check is the header
        for scheme in raw["components"].get("securitySchemes", {}):
            raw["components"]["securitySchemes"][scheme] = {"type": "http", "scheme": "bearer"}
        for parameter in raw.get("components", {}).get("parameters", {}).values():
            if parameter["schema"].get("type") == "array":
                parameter["explode"] = False
        contracts[name] = OpenAPI.from_dict(raw)
    return Documents(contracts, host)
