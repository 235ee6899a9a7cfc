"""Queries about a player: account, state, streak, statistics, products on offer."""

from datetime import date

from attrs import asdict, frozen

from application.frames.position import Position
from application.frames.state_data import StateData
from application.identity.token_service import SignedInUser, signed_in_user
from application.ports.clock import Clock
from application.ports.storage.stores import Stores
from application.ports.storage.unit_of_work import UnitOfWork
from application.sync.player_state import StateReader
from domain.errors import Unauthenticated
from domain.events import GameTotals
from domain.progress.streak import DAILY_LOGIN
from domain.shop import PRODUCTS, Product


@frozen(kw_only=True)
class StreakStatus:
    """`current_count` is the count as of today: 0 after a missed day."""

    action_type: str
    current_count: int
    last_action_date: date | None
    claimable: bool


@frozen(kw_only=True)
class PositionedState:
    """The state at exactly `position` (`<epoch>:<seq>`); a socket can resume from there."""

    position: str
    state: StateData


@frozen(kw_only=True)
class Offer(Product):
    """A product, and whether the player owns it."""

    owned: bool


@frozen
class Offers:
    """All products on sale."""

    products: list[Offer]


@frozen
class Stats:
    """Lifetime totals by game type."""

    stats: dict[str, GameTotals]


@frozen
class ReadPlayer:
    """Queries without side effects. Each reads from one consistent snapshot of the database."""

    _unit_of_work: UnitOfWork
    _clock: Clock
    _state_reader: StateReader

    async def me(self, user_id: int) -> SignedInUser:
        """Account and player. Unauthenticated (`unknown_user`) if the account does not exist."""

        def read(stores: Stores) -> SignedInUser:
            account = stores.accounts.by_user_id(user_id)
            if account is None:
                raise Unauthenticated("no such user", code="unknown_user")
            return signed_in_user(stores, account)

        return await self._unit_of_work.read(read)

    async def state(self, user_id: int) -> PositionedState:
        """The content of `initial_state`, and its position."""

        def read(stores: Stores) -> PositionedState:
            position = Position(stores.journal.epoch(), stores.journal.head(user_id).seq)
            state = self._state_reader.read(stores, user_id)
            return PositionedState(position=str(position), state=state)

        return await self._unit_of_work.read(read)

    async def streak(self, user_id: int) -> StreakStatus:
        """The daily streak as of today (UTC)."""
        streak = await self._unit_of_work.read(
            lambda stores: stores.players.streak(user_id, DAILY_LOGIN)
        )
        today = self._clock.now().date()
        return StreakStatus(
            action_type=streak.action_type,
            current_count=streak.current_on(today),
            last_action_date=streak.last_action_date,
            claimable=streak.last_action_date is None or streak.last_action_date < today,
        )

    async def stats(self, user_id: int) -> Stats:
        """The statistics of every game that the player has played."""
        played = await self._unit_of_work.read(lambda stores: stores.stats.all(user_id))
        return Stats({stats.game_type: stats.totals() for stats in played})

    async def offers(self, user_id: int) -> Offers:
        """All products on sale."""
        owned = await self._unit_of_work.read(lambda stores: stores.receipts.owned(user_id))
        return Offers(
            [
                Offer(**asdict(product), owned=product.unique and product.product_id in owned)
                for product in PRODUCTS.values()
            ]
        )
