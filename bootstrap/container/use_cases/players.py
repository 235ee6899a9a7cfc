"""What players do."""

from dependency_injector import containers, providers

from application.transactions.player_transactions import PlayerTransactions
from application.transactions.seed_pairs import SeedPairs
from application.use_cases.fairness.read_fairness import ReadFairness
from application.use_cases.fairness.rotate_seeds import RotateSeeds
from application.use_cases.fairness.verify_round import VerifyRound
from application.use_cases.games.bet_crash import BetCrash
from application.use_cases.games.cash_out_crash import CashOutCrash
from application.use_cases.games.play_rps import PlayRps
from application.use_cases.games.pull_gacha import PullGacha
from application.use_cases.games.spin_slot import SpinSlot
from application.use_cases.players.buy_product import BuyProduct
from application.use_cases.players.catch_up import CatchUp
from application.use_cases.players.claim_streak import ClaimStreak
from application.use_cases.players.read_player import ReadPlayer
from application.use_cases.players.read_progress import ReadProgress
from application.use_cases.players.update_profile import UpdateProfile
from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage
from domain.fairness import ServerSeeds


class PlayerUseCases(containers.DeclarativeContainer):
    """Games and their seeds, shop, profile, streak."""

    transactions = providers.Singleton(
        PlayerTransactions,
        Storage.unit_of_work,
        Cluster.event_publisher,
        Core.codec,
        Core.clock,
        Core.ids,
    )

    server_seeds = providers.Singleton(
        lambda fairness: ServerSeeds(
            [str(secret) for secret in (fairness.secret, *fairness.previous_secrets, "")]
        ),
        Core.settings.provided.fairness,
    )
    seed_pairs = providers.Singleton(SeedPairs, server_seeds, Core.ids)
    spin_slot = providers.Singleton(SpinSlot, transactions, seed_pairs)
    play_rps = providers.Singleton(PlayRps, transactions, seed_pairs)
    pull_gacha = providers.Singleton(PullGacha, transactions, seed_pairs)
    bet_crash = providers.Singleton(BetCrash, transactions, seed_pairs, Core.ids)
    cash_out_crash = providers.Singleton(CashOutCrash, transactions, seed_pairs)
    read_fairness = providers.Singleton(ReadFairness, Storage.unit_of_work, Core.codec, seed_pairs)
    rotate_seeds = providers.Singleton(RotateSeeds, transactions, seed_pairs)
    verify_round = providers.Singleton(VerifyRound)
    buy_product = providers.Singleton(BuyProduct, transactions, Core.ids)
    update_profile = providers.Singleton(UpdateProfile, transactions)
    claim_streak = providers.Singleton(ClaimStreak, transactions)
    catch_up = providers.Singleton(CatchUp, Storage.unit_of_work, Core.codec, Realtime.state_reader)
    read_player = providers.Singleton(
        ReadPlayer, Storage.unit_of_work, Core.clock, Realtime.state_reader
    )
    read_progress = providers.Singleton(ReadProgress, Storage.unit_of_work, Core.clock)
