"""`/api/shop`: products and purchases."""

from typing import Any

from litestar import Response, Router, get, post
from litestar.di import NamedDependency
from litestar.params import JSONBody

from adapters.inbound.access.guards import PLAYER, SignedInRequest
from adapters.inbound.errors.documented import refusals
from adapters.inbound.errors.problem_details import problem
from adapters.inbound.http.request.request_context import IdempotencyKey, actor_of
from application.use_cases.players.buy_product import BuyCommand, BuyProduct, BuyResult
from application.use_cases.players.read_player import Offers, ReadPlayer


@get("/products", responses=refusals("unknown_user"))
async def get_products(
    request: SignedInRequest, read_player: NamedDependency[ReadPlayer]
) -> Offers:
    """All products on sale, and whether the caller owns them."""
    return await read_player.offers(request.user.user_id)


@post(
    "/buy",
    status_code=200,
    responses=refusals("unknown_product", "insufficient_gold", "already_owned", "wallet_full"),
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
