"""Options and arguments that many commands take, said once."""

from __future__ import annotations

from typing import Annotated

import typer

Seller = Annotated[int, typer.Option("--seller", help="The seller's number.")]
Chat = Annotated[int, typer.Argument(help="The conversation's number.")]
