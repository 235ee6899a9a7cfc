"""`/api/shop`: products and purchases."""

from collections.abc import Sequence
from typing import Annotated, Any

from attrs import frozen
from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import ProblemDetails, refusals
from adapters.inbound.errors.problem_details import problem
from adapters.inbound.http.request.request_context import IdempotencyKey, actor_of
from application.transactions.command import EventRef
from application.use_cases.players.buy_product import BuyCommand, BuyProduct, BuyResult
from application.use_cases.players.read_player import Offers, ReadPlayer
from domain.constraints import Description


@frozen
class FailedPurchase(ProblemDetails):
    """Why a purchase failed, and what it would have been. Devices are told by the same `events`."""

    product_id: Annotated[str | None, Description("The id of the product.")] = None
    amount: Annotated[int | None, Description("The total price, in gold.")] = None
    balance: Annotated[int | None, Description("The balance, in gold.")] = None
    events: Annotated[Sequence[EventRef] | None, Description("The caused events.")] = None


_FAILED = refusals(
    "insufficient_gold",
    "already_owned",
    "wallet_full",
    problem=FailedPurchase,
    title="Purchase failed",
    product_id="title_high_roller",
    amount=3_000,
    balance=1_000,
    events=[{"id": "0198b1f2-6a80-7c11-9d7e-3a5b0f6c2e14", "type": "purchase_update", "seq": 42}],
)


@get("/products", operation_id="listProducts", responses=refusals("unknown_user"))
async def get_products(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> Offers:
    """All products on sale, and whether the caller owns them."""
    return await read_player.offers(request.user.user_id)


@post(
    "/buy",
    operation_id="buyProduct",
    status_code=200,
    responses={**refusals("unknown_product"), **_FAILED},
)
async def post_buy(
    data: JSONBody[BuyCommand],
    request: SignedInRequest,
    buy_product: NamedDependency[BuyProduct],
    idempotency_key: IdempotencyKey = None,
) -> Response[BuyResult]:
    """Buy a product for gold. A failed purchase is a problem response with the caused `events`."""
    result = await buy_product.execute(actor_of(request, idempotency_key), data)
    return Response(result) if result.success else _failed(result)


def _failed(result: BuyResult) -> Response[Any]:
    assert result.reason_code is not None, "failed results have a reason"
    return problem(
        status=409,
        title="Purchase failed",
        code=result.reason_code,
        detail=f"{result.product_id} for {result.amount} gold: {result.reason_code}",
        product_id=result.product_id,
        amount=result.amount,
        balance=result.balance,
        events=result.events,
    )


shop_router = Router("/api/shop", route_handlers=[get_products, post_buy], tags=["Shop"], **PLAYER)
