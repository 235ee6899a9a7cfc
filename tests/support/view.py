"""The player's state, as a front end folds it from frames."""

from typing import Any

from domain.progress.rewards import RECENT_REWARDS

Json = dict[str, Any]


class View:
    """Folds `initial_state` and the events after it, and checks for gaps and duplicates."""

    def __init__(self, user_id: int, state: Json | None = None, seq: int = 0) -> None:
        self.user_id = user_id
        self.state = state
        self.seq = seq
        self.events: list[Json] = []
        """Those since the state began."""

    def see(self, frame: Json) -> None:
        """Apply one frame; AssertionError if it is out of order."""
        if frame["type"] == "initial_state":
            assert frame["user_id"] == self.user_id
            self.state, self.seq = frame["data"], frame["seq"]
            self.events = []
        elif frame["type"] == "sync_connected":
            if frame["recovered"]:
                assert frame["seq"] == self.seq, "recovered somewhere else"
        elif "seq" in frame:
            assert frame["user_id"] == self.user_id, "another user's event"
            assert frame["seq"] == self.seq + 1, f"{frame['seq']} after {self.seq}"
            self.seq = frame["seq"]
            self.events.append(frame)
            self._apply(frame["type"], frame["data"])

    def _apply(self, event_type: str, data: Json) -> None:
        assert self.state is not None, "an event before any state"
        if event_type == "profile_update":
            self.state["profile"].update(data)
        elif event_type == "streak_update":
            self.state["streaks"][data["action_type"]] = data
        elif event_type == "stats_update":
            self.state["stats"][data["game_type"]] = data["stats"]
        elif event_type == "reward_granted":
            rewards = [data, *self.state["recent_rewards"]]
            self.state["recent_rewards"] = rewards[:RECENT_REWARDS]
        elif event_type == "game_event" and data["game_type"] == "crash":
            self._apply_round(data["bet"], data["result"])
        elif event_type == "balance_update":
            assert data["balance"] == self.state["profile"]["gold"] + data["delta"]

    def _apply_round(self, bet: int, result: Json) -> None:
        assert self.state is not None
        rounds = [r for r in self.state["open_rounds"] if r["round_id"] != result["round_id"]]
        if result["status"] == "open":
            opened = {key: result[key] for key in ("round_id", "started_at")}
            rounds.append({**opened, "bet": bet})
        self.state["open_rounds"] = rounds
