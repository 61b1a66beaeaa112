"""What the wire models of all marketplaces share: typed no tighter than live services keep their documents.

Ids may be numbers, numbers may be strings, anything may be null or missing, and more may come. What a conversation
cannot do without is checked; what merely decorates it falls back to None.
"""

from __future__ import annotations

import json
from collections.abc import Collection
from typing import Annotated, Any, TypeVar

from pydantic import (
    AfterValidator,
    BaseModel,
    ConfigDict,
    Field,
    ValidationError,
    ValidatorFunctionWrapHandler,
    WrapValidator,
)
from pydantic_core import PydanticCustomError, from_json, to_json

from agentiq_core.connectors.errors import Unintelligible


def or_none(value: Any, validate: ValidatorFunctionWrapHandler) -> Any:
    """A validator for what may be dropped: a value of another shape counts as missing."""
    try:
        return validate(value)
    except ValidationError:
        return None


def _indexable(value: str) -> str:
    # an index of Postgres takes no key above 2,704 bytes, and a page that cannot be stored would hold its seller up
    if len(value.encode("utf-8", "surrogatepass")) > _LONGEST_ID:
        raise PydanticCustomError("too_long_for_an_id", "too long for an id")
    return value


_LONGEST_ID = 2_000
Id = Annotated[str, Field(min_length=1, max_length=1000), AfterValidator(_indexable)]
OptionalInt = Annotated[Annotated[int, Field(ge=0, lt=2**63)] | None, WrapValidator(or_none)]
OptionalText = Annotated[str | None, WrapValidator(or_none)]
OptionalBool = Annotated[bool | None, WrapValidator(or_none)]


class Wire(BaseModel):
    """The manner of all of them: unknown fields are ignored, errors never repeat what a buyer wrote."""

    model_config = ConfigDict(
        extra="ignore", coerce_numbers_to_str=True, hide_input_in_errors=True, populate_by_name=False
    )


Model = TypeVar("Model", bound=Wire)


def read(model: type[Model], body: bytes | None) -> Model:
    """An answer's body as `model`. Raises Unintelligible, which names fields and never their values."""
    if body is None:
        raise Unintelligible("the answer is larger than any real one")
    try:
        return model.model_validate(parsed(body))
    except ValidationError as error:
        raise Unintelligible(f"not the documented shape: {flaws(error)}") from None
    except (ValueError, RecursionError) as error:
        raise Unintelligible(f"not JSON: {len(body)} bytes, {type(error).__name__}") from None


def parsed(body: bytes) -> Any:
    """JSON as Python objects. Broken characters (half a surrogate pair, bytes that are no UTF-8) become
    replacement signs rather than costing a page its other events. Raises ValueError or RecursionError."""
    try:
        return from_json(body)
    except ValueError:
        lenient = json.loads(body.decode("utf-8", "replace"))
        return from_json(json.dumps(lenient, ensure_ascii=False).encode("utf-8", "replace"))


def raw(item: object, *, without: Collection[str] = ()) -> str:
    """An item of an answer as JSON, for quarantine; `without` names its fields that are secrets."""
    if isinstance(item, dict) and without:
        item = {name: value for name, value in item.items() if name not in without}
    return to_json(item).decode()


def flaws(error: ValidationError) -> str:
    """Where and how an item breaks the shape ("message.text: string_type"), without its content."""
    found = error.errors(include_url=False, include_context=False, include_input=False)
    return "; ".join(f"{'.'.join(map(str, flaw['loc']))}: {flaw['type']}" for flaw in found[:3])
