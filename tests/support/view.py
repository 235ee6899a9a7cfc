"""The player's state, as a front end folds it from frames."""

from datetime import datetime
from typing import Any

from application.sync.player_state import LAST_PLAYS
from domain.progress.marathon import TARGET
from domain.progress.rewards import RECENT_REWARDS
from domain.shop import LATEST_PURCHASES

Json = dict[str, Any]

PURCHASE = ("receipt_code", "product_id", "quantity", "amount", "status")


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
            self._apply(frame, frame["data"])

    def expect(self, state: Json) -> None:
        """AssertionError unless the server's state is the same. The server's may know fewer plays,
        because the journal was trimmed, and a later week than that of the last play."""
        assert self.state is not None, "no state to compare"
        plays = self.state["last_plays"][: len(state["last_plays"])]
        nothing = {"current": 0, "target": TARGET}
        events = {
            event_id: self.state["events"].get(
                event_id, {"event_id": event_id, "progress": nothing, "completed": False}
            )
            for event_id in state["events"]
        }
        assert {**self.state, "last_plays": plays, "events": events} == state

    def _apply(self, frame: Json, data: Json) -> None:
        assert self.state is not None, "an event before any state"
        match frame["type"]:
            case "user_action":
                assert data["user_id"] == self.user_id
            case "profile_update":
                self.state["profile"].update(data)
            case "streak_update":
                self.state["streaks"][data["action_type"]] = data
            case "stats_update":
                self._apply_stats(frame["ts"], data)
            case "achievement_progress" | "event_progress":
                goals = self.state["achievements"] | self.state["events"]
                assert goals[data.get("achievement_id") or data["event_id"]] == data
            case "reward_granted":
                reward = {"id": frame["id"], **data, "timestamp": frame["ts"]}
                self._prepend("recent_rewards", reward, RECENT_REWARDS)
            case "purchase_update":
                self._apply_purchase(frame["ts"], data)
            case "game_event":
                self._apply_play(frame, data)
            case "balance_update":
                assert data["balance"] == self.state["profile"]["gold"] + data["delta"]

    def _prepend(self, name: str, item: Json, limit: int) -> None:
        assert self.state is not None
        self.state[name] = [item, *self.state[name]][:limit]

    def _apply_purchase(self, ts: str, data: Json) -> None:
        if data["status"] == "success":
            purchase = {**{name: data[name] for name in PURCHASE}, "timestamp": ts}
            self._prepend("purchases", purchase, LATEST_PURCHASES)

    def _apply_play(self, frame: Json, data: Json) -> None:
        play = {**data, "id": frame["id"], "seq": frame["seq"], "ts": frame["ts"]}
        self._prepend("last_plays", play, LAST_PLAYS)
        if data["game_type"] == "crash":
            self._apply_round(data["bet"], data["result"])

    def _apply_stats(self, ts: str, data: Json) -> None:
        """Achievements and the marathon follow from the number of plays."""
        assert self.state is not None
        game_type, totals = data["game_type"], data["stats"]
        before = self.state["stats"].get(game_type, {"data": {"plays": 0}})["data"]["plays"]
        self.state["stats"][game_type] = {"game_type": game_type, "data": totals}
        for achievement_id, achievement in self.state["achievements"].items():
            if achievement_id.startswith(f"{game_type}_"):
                achievement["progress"] = min(totals["plays"], achievement["target"])
                achievement["unlocked"] = totals["plays"] >= achievement["target"]
        if totals["plays"] > before:
            self._apply_marathon_play(ts)

    def _apply_marathon_play(self, ts: str) -> None:
        assert self.state is not None
        year, week, _ = datetime.fromisoformat(ts).isocalendar()
        event_id = f"marathon_{year}-W{week:02}"
        known = self.state["events"].get(event_id, {"progress": {"current": 0}})
        current = min(known["progress"]["current"] + 1, TARGET)
        marathon = {
            "event_id": event_id,
            "progress": {"current": current, "target": TARGET},
            "completed": current == TARGET,
        }
        self.state["events"] = {event_id: marathon}

    def _apply_round(self, bet: int, result: Json) -> None:
        assert self.state is not None
        rounds = [r for r in self.state["open_rounds"] if r["round_id"] != result["round_id"]]
        if result["status"] == "open":
            opened = {key: result[key] for key in ("round_id", "started_at")}
            rounds.append({**opened, "bet": bet})
        self.state["open_rounds"] = rounds
