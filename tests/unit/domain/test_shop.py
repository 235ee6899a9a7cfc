"""The shop: products and prices."""

import pytest

from domain.errors import InvalidInput, NotFound
from domain.shop import PRODUCTS, Product, find_product, total_price

CHEST = Product(product_id="chest", name="Chest", price=30)
FRAME = Product(product_id="frame", name="Frame", price=750, unique=True)


@pytest.mark.parametrize("product_id", PRODUCTS)
def test_a_product_is_found_by_its_id(product_id: str) -> None:
    """Every product has a name and a price."""
    product = find_product(product_id)
    assert product_id == product.product_id
    assert product.price > 0
    assert product.name


def test_a_product_gives_no_exp_unless_stated() -> None:
    """Only chests give exp."""
    giving = [product.product_id for product in PRODUCTS.values() if product.exp]
    assert giving == ["gold_100", "gold_500", "gold_2000"]


@pytest.mark.parametrize("product_id", ["", "gold", "GOLD_100", "gold_100 "])
def test_an_unknown_product_is_not_found(product_id: str) -> None:
    """Ids are compared exactly."""
    with pytest.raises(NotFound) as refused:
        find_product(product_id)
    assert refused.value.error_code == "unknown_product"


@pytest.mark.parametrize(
    ("product", "quantity", "gold"),
    [
        pytest.param(CHEST, 1, 30, id="one"),
        pytest.param(CHEST, 7, 210, id="some"),
        pytest.param(CHEST, 100, 3_000, id="as many as possible"),
        pytest.param(FRAME, 1, 750, id="the only one"),
    ],
)
def test_pieces_cost_their_price_each(product: Product, quantity: int, gold: int) -> None:
    """There is no discount."""
    assert gold == total_price(product, quantity)


@pytest.mark.parametrize(
    ("product", "quantity", "reason"),
    [
        pytest.param(CHEST, 0, "between 1 and 100", id="none"),
        pytest.param(CHEST, -1, "between 1 and 100", id="negative"),
        pytest.param(CHEST, 101, "between 1 and 100", id="too many"),
        pytest.param(FRAME, 0, "between 1 and 1", id="none of a kind"),
        pytest.param(FRAME, 2, "between 1 and 1", id="two of a kind"),
    ],
)
def test_other_quantities_are_refused(product: Product, quantity: int, reason: str) -> None:
    """The refusal states how many can be bought at once."""
    with pytest.raises(InvalidInput, match=f"{reason}$") as refused:
        total_price(product, quantity)
    assert refused.value.field == "quantity"
