"""The container: which implementation stands behind each port.

Everything is made once a process. A test overrides a provider to put its own in place. Each module
makes the parts of one subject, and names those of others by their class, such as `Core.clock`:
that is where they are made. `Container` has all of them under their own names.
"""

from dependency_injector import providers

from bootstrap.container.cluster import Cluster
from bootstrap.container.core import Core
from bootstrap.container.identity import Identity
from bootstrap.container.inbound import Inbound
from bootstrap.container.jobs import Jobs
from bootstrap.container.limits import RateLimiting
from bootstrap.container.realtime import Realtime
from bootstrap.container.storage import Storage
from bootstrap.container.use_cases.accounts import AccountUseCases
from bootstrap.container.use_cases.operators import OperatorUseCases
from bootstrap.container.use_cases.players import PlayerUseCases
from bootstrap.container.worker import Worker
from bootstrap.settings.settings import Settings


class Container(
    Core,
    Storage,
    Cluster,
    RateLimiting,
    Identity,
    Realtime,
    PlayerUseCases,
    AccountUseCases,
    OperatorUseCases,
    Jobs,
    Inbound,
):
    """Built by `build_container`. A copy of all providers: overriding one concerns every part of
    this container, and no other container."""


def build_container(settings: Settings, worker: Worker | None = None) -> Container:
    """All parts for these settings; nothing is opened or started yet."""
    return Container(settings=providers.Object(settings), worker=providers.Object(worker))
