"""The shop: products, their prices in gold, and receipts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Annotated

from attrs import frozen

from domain.constraints import Description
from domain.errors import InvalidInput, NotFound

MAX_QUANTITY = 100

LATEST_PURCHASES = 20
"""Number of latest purchases in `initial_state`."""


@frozen(kw_only=True)
class Product:
    """A product. `price` (gold) and `exp` (points) are per piece; a `unique` product can be owned
    once."""

    product_id: Annotated[str, Description("The id of the product.")]
    name: Annotated[str, Description("The name to display.")]
    price: Annotated[int, Description("The price of a piece, in gold.")]
    exp: Annotated[int, Description("Exp points for a piece.")] = 0
    unique: Annotated[bool, Description("Whether a player can own it only once.")] = False


PRODUCTS: Mapping[str, Product] = {
    product.product_id: product
    for product in (
        Product(product_id="gold_100", name="Bronze chest", price=100, exp=60),
        Product(product_id="gold_500", name="Silver chest", price=500, exp=350),
        Product(product_id="gold_2000", name="Golden chest", price=2_000, exp=1_600),
        Product(product_id="frame_aurora", name="Aurora frame", price=750, unique=True),
        Product(product_id="title_high_roller", name="High roller", price=3_000, unique=True),
    )
}


@frozen(kw_only=True)
class Receipt:
    """Proof of one purchase. `amount` is the total price in gold."""

    receipt_code: str
    product_id: str
    quantity: int
    amount: int
    bought_at: datetime


def find_product(product_id: str) -> Product:
    """The product; NotFound (`unknown_product`) if there is none with this id."""
    try:
        return PRODUCTS[product_id]
    except KeyError:
        raise NotFound("no such product", code="unknown_product") from None


def total_price(product: Product, quantity: int) -> int:
    """The price of `quantity` pieces in gold; InvalidInput if the quantity is out of range."""
    limit = 1 if product.unique else MAX_QUANTITY
    if not 1 <= quantity <= limit:
        raise InvalidInput("quantity", f"must be between 1 and {limit}")
    return product.price * quantity
