"""The good and the order, unfolded under the header: what a reply may state about them."""

from __future__ import annotations

from textual.app import ComposeResult
from textual.containers import VerticalScroll
from textual.content import Content

from agentiq_core.domain.messages import Product, ProductCard
from agentiq_tui.locale import _
from agentiq_tui.shown import steady, steady_line
from agentiq_tui.widgets.action_text import ActionText, link, word

DESCRIPTION = 1_500
"""Characters of a description that are shown."""
CURRENCIES = {"RUB": "₽", "RUR": "₽", "643": "₽"}


class ProductCardView(VerticalScroll, can_focus=False):
    """Folded away until it is asked for; it stays unfolded from chat to chat."""

    def __init__(self) -> None:
        super().__init__(id="product-card")
        self.display = False
        self.card: ProductCard | None = None

    def compose(self) -> ComposeResult:
        yield ActionText(id="product-card-text")

    def show(self, product: Product | None, card: ProductCard | None) -> None:
        """What is known; `card` None while the marketplace has not told."""
        self.card = card
        self.query_one(ActionText).update(Content("\n").join(_lines(product, card)))
        self.scroll_home(animate=False)


def price_line(product: Product) -> str | None:
    """What the buyer paid, with its currency."""
    if product.price is None:
        return None
    whole, minor = divmod(product.price, 100)
    amount = f"{whole:,}".replace(",", " ") + (f",{minor:02}" if minor else "")
    currency = steady_line(product.currency or "RUB")
    return f"{amount} {CURRENCIES.get(currency, currency)}"


def _lines(product: Product | None, card: ProductCard | None) -> list[Content]:
    title = (card.title if card else None) or (product.title if product else None) or _("Product")
    lines = [Content.assemble((steady_line(title), "bold"), "  ", link(_("fold"), "card"))]
    known = [
        (_("brand"), card.brand if card else None),
        (_("vendor code"), card.vendor_code if card else None),
        (_("number at the marketplace"), product.external_id if product else None),
        (_("size"), product.size if product else None),
        (_("order"), product.order_id if product else None),
        (_("price"), price_line(product) if product else None),
        *(card.facts if card else ()),
    ]
    lines += [
        Content.assemble((f"{steady_line(name)}: ", "$faint"), steady_line(value))
        for name, value in known
        if value
    ]
    if card is None:
        lines.append(
            Content.styled(_("The marketplace has told nothing more about this good yet"), "$faint italic")
        )
        return lines
    if card.photo_url:
        lines.append(
            Content.assemble((_("photo") + ": ", "$faint"), word(steady_line(card.photo_url), "open_photo"))
        )
    if card.description.strip():
        text = steady(card.description.strip())
        lines.append(Content.styled(text[:DESCRIPTION] + (" …" if len(text) > DESCRIPTION else ""), "$faint"))
    return lines
