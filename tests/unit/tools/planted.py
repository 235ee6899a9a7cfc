"""Changes of the contract: some that break deployed clients, and some that do not."""

from typing import Any

from tests.unit.tools.contract import EVENT

Change = tuple[str, list[tuple[Any, ...]], str]
"""What was done, by which edits, and what the finding must name."""

DEFS = "sync.json > $defs"
PURCHASE = f"{DEFS} > PurchaseUpdateV1Data"
ENVELOPE = f"{DEFS} > PurchaseUpdateV1 > properties"
GAME = f"{DEFS} > GameEventV1Data > properties"
FLAT_GAME = "legacy.json > $defs > FlatGameEvent"
WS_ACK = "legacy.json > $defs > WsAck > properties"
STATE = f"{DEFS} > StateData > properties"
STRING = {"type": "string"}
INTEGER = {"type": "integer"}
NULL = {"type": "null"}

PATHS = "openapi.json > paths"
COMPONENTS = "openapi.json > components > schemas"
SPIN = f"{PATHS} > /api/games/slot/spin > post"
EVENTS = f"{PATHS} > /api/realtime/events > get"
ROUNDS = f"{PATHS} > /api/fairness/rounds > get"
FIELDS = f"{COMPONENTS} > {{}} > properties"
COMMAND = f"{COMPONENTS} > SpinCommand"
CRASH = f"{COMPONENTS} > BetCrashCommand"

SYNC = "asyncapi.json > channels > sync"
CLOSE_CODES = "asyncapi.json > x-close-codes"
ASYNCAPI_SCHEMAS = "asyncapi.json > components > schemas"
EXAMPLES_409 = "responses > 409 > content > application/problem+json > examples"

AUTH = "messages/auth.json"

DICE = {
    "title": "dice_rolled",
    "type": "object",
    "properties": {"type": {"const": "dice_rolled"}, "v": {"const": 1}},
    "required": ["type", "v"],
}
PURCHASE_3 = {
    "title": "purchase_update",
    "type": "object",
    "properties": {
        "type": {"const": "purchase_update"},
        "v": {"const": 3},
        "data": {"type": "object", "properties": {"amount": STRING}, "required": ["amount"]},
    },
    "required": ["type", "v", "data"],
}
WS_ACK_2 = {
    "title": "ws_ack",
    "type": "object",
    "properties": {"type": {"const": "ws_ack"}, "v": {"const": 2}},
    "required": ["type", "v"],
}

SENT: list[Change] = [
    (
        "a required field is removed",
        [
            ("del", f"{PURCHASE} > properties > amount"),
            ("drop", f"{PURCHASE} > required", "amount"),
        ],
        "purchase_update version 1: data.amount",
    ),
    (
        "an optional field is removed",
        [("del", f"{PURCHASE} > properties > receipt_code")],
        "data.receipt_code was removed",
    ),
    (
        "a field is renamed",
        [
            ("del", f"{DEFS} > BalanceUpdateV1Data > properties > balance"),
            ("set", f"{DEFS} > BalanceUpdateV1Data > properties > gold", INTEGER),
            ("set", f"{DEFS} > BalanceUpdateV1Data > required", ["delta", "gold", "reason"]),
        ],
        "balance_update version 1: data.balance",
    ),
    (
        "a field gets another type",
        [("set", f"{PURCHASE} > properties > amount", STRING)],
        "was integer; now it is string. Add version 3 of purchase_update and keep version 1",
    ),
    (
        "an integer becomes a number",
        [("set", f"{PURCHASE} > properties > amount", {"type": "number"})],
        "was integer; now it is number",
    ),
    (
        "a required field becomes optional",
        [("drop", f"{PURCHASE} > required", "status")],
        "data.status can be missing now",
    ),
    (
        "a required field of a nested object becomes optional",
        [("drop", f"{DEFS} > Fairness > required", "nonce")],
        "data.fairness.nonce can be missing now",
    ),
    (
        "a field may be null",
        [("set", f"{PURCHASE} > properties > product_id", {"anyOf": [STRING, NULL]})],
        "was string; now it is string, or null",
    ),
    (
        "an enumeration gets a value",
        [("add", f"{DEFS} > PurchaseStatusV1 > enum", "refunded")],
        '"refunded"',
    ),
    (
        "an enumeration becomes any string",
        [("set", f"{DEFS} > PurchaseStatusV1", STRING)],
        "now it is string",
    ),
    (
        "a game is removed",
        [("drop", f"{DEFS} > GameType > enum", "rps")],
        "game_event version 1: data.game_type",
    ),
    (
        "a game is removed from the legacy frame, and another one added",
        [("set", "legacy.json > $defs > GameType > enum", ["crash", "dice", "gacha", "slot"])],
        "game_event: game_type",
    ),
    (
        "the games are no longer any texts",
        [("set", "monitor.json > $defs > GameType", INTEGER)],
        "game_event: game_type",
    ),
    (
        "a union gets a type",
        [("set", f"{GAME} > reels", {"anyOf": [{"type": "array", "items": STRING}, INTEGER]})],
        "or integer",
    ),
    (
        "a pattern is dropped",
        [("set", f"{ENVELOPE} > ts", STRING)],
        "purchase_update version 1: ts",
    ),
    (
        "a pattern changes",
        [("set", f"{ENVELOPE} > ts > pattern", r"^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\dZ$")],
        "purchase_update version 1: ts",
    ),
    (
        "a format is dropped",
        [("del", f"{ENVELOPE} > id > format")],
        "purchase_update version 1: id",
    ),
    (
        "a format changes",
        [
            (
                "set",
                f"{DEFS} > StreakUpdateV1Data > properties > last_action_date > format",
                "date-time",
            )
        ],
        "streak_update version 1: data.last_action_date",
    ),
    ("a range grows", [("set", f"{ENVELOPE} > seq > minimum", 0)], "integer from 0"),
    ("a range is dropped", [("del", f"{ENVELOPE} > seq > minimum")], "version 1: seq"),
    (
        "the items of an array get another type",
        [("set", f"{GAME} > reels > items", INTEGER)],
        "game_event version 1: data.reels",
    ),
    (
        "the values of a map get another type",
        [
            (
                "set",
                f"{DEFS} > SyncConnected > properties > events > additionalProperties",
                {"type": "number"},
            )
        ],
        "sync_connected version 1: events.*",
    ),
    (
        "a field of an object in a map gets another type",
        [("set", f"{DEFS} > GameTotals > properties > plays", {"type": "number"})],
        "initial_state version 1: data.stats.*.data.plays",
    ),
    (
        "a described object becomes any object",
        [("set", f"{STATE} > stats", {"type": "object"})],
        "initial_state version 1: data.stats",
    ),
    (
        "an event is removed before its end",
        [("del", "sync.json > oneOf > PurchaseUpdateV1")],
        "purchase_update version 1 was removed",
    ),
    (
        "an event without an end is removed",
        [("del", "sync.json > oneOf > StreakUpdateV1")],
        "streak_update version 1 was removed",
    ),
    (
        "a version takes the place of another",
        [("set", f"{ENVELOPE} > v > const", 3)],
        "purchase_update version 1 was removed",
    ),
    (
        "a control frame is removed",
        [("drop", "sync.json > oneOf", {"$ref": "#/$defs/Reconnect"})],
        "reconnect version 1 was removed",
    ),
    (
        "a frame without versions gets another form",
        [
            ("set", f"{WS_ACK} > v", {"const": 1}),
            ("add", "legacy.json > oneOf", WS_ACK_2),
        ],
        "ws_ack: user_id can be missing now",
    ),
    (
        "a control frame loses a field",
        [
            ("del", f"{DEFS} > Reconnect > properties > after_ms"),
            ("drop", f"{DEFS} > Reconnect > required", "after_ms"),
        ],
        "reconnect version 1: after_ms",
    ),
    (
        "monitors get other items",
        [("set", "monitor.json > $defs > MonitorSnapshot > properties > connected_users", {})],
        "monitor_snapshot version 1: connected_users",
    ),
    ("the document of an event is removed", [("del", EVENT)], "the document was removed"),
    (
        "the document of an event gets another type",
        [("set", f"{EVENT} > $defs > PurchaseUpdateV1Data > properties > quantity", STRING)],
        f"{EVENT}: purchase_update version 1: data.quantity",
    ),
    (
        "the document of a frame loses a field",
        [("del", "frames/announcement.json > properties > link")],
        "frames/announcement.json: announcement version 1: link was removed",
    ),
]

TAKEN: list[Change] = [
    (
        "a range gets a lower end",
        [("set", f"{COMMAND} > properties > bet_amount > maximum", 9)],
        "bet_amount",
    ),
    (
        "a range gets a higher start",
        [("set", f"{COMMAND} > properties > bet_amount > minimum", 5)],
        "bet_amount",
    ),
    (
        "a new field is required",
        [
            ("set", f"{COMMAND} > properties > stake", INTEGER),
            ("add", f"{COMMAND} > required", "stake"),
        ],
        "POST /api/games/slot/spin: the body (application/json) stake is required now",
    ),
    (
        "a field is removed",
        [("del", f"{FIELDS.format('BuyCommand')} > quantity")],
        "quantity was removed",
    ),
    (
        "a field gets another type",
        [("set", f"{FIELDS.format('BuyCommand')} > product_id", INTEGER)],
        "product_id",
    ),
    (
        "an enumeration loses a value",
        [("drop", f"{COMPONENTS} > TicketEndpoint > enum", "legacy")],
        "endpoint",
    ),
    (
        "a length gets shorter",
        [("set", f"{FIELDS.format('UpdateProfileCommand')} > nickname > maxLength", 20)],
        "of at most 20 characters",
    ),
    (
        "a string must be longer",
        [("set", f"{FIELDS.format('UpdateProfileCommand')} > nickname > minLength", 3)],
        "of at least 3 characters",
    ),
    (
        "a pattern is narrower",
        [("set", f"{FIELDS.format('LogInCommand')} > site_id > pattern", "^[a-z]*$")],
        "POST /api/auth/login: the body (application/json) site_id",
    ),
    (
        "an optional field is required",
        [("add", f"{CRASH} > required", "auto_cashout_multiplier")],
        "is required now",
    ),
    (
        "null is no longer taken",
        [("set", f"{CRASH} > properties > auto_cashout_multiplier > oneOf", [{"type": "number"}])],
        "auto_cashout_multiplier",
    ),
    (
        "a number must be an integer",
        [
            (
                "set",
                f"{CRASH} > properties > auto_cashout_multiplier > type",
                ["integer", "null"],
            )
        ],
        "auto_cashout_multiplier",
    ),
    (
        "a parameter is removed",
        [("del", f"{EVENTS} > parameters > 0")],
        "the query parameter since was removed",
    ),
    (
        "a parameter is required",
        [("set", f"{ROUNDS} > parameters > 1 > required", True)],
        "limit is required now",
    ),
    (
        "a parameter is narrower",
        [("set", f"{ROUNDS} > parameters > 1 > schema > maximum", 50)],
        "limit",
    ),
    (
        "a new parameter is required",
        [
            (
                "add",
                f"{ROUNDS} > parameters",
                {"name": "X-Device", "in": "header", "required": True, "schema": STRING},
            )
        ],
        "the header parameter x-device is required now",
    ),
    (
        "a parameter of the path gets another type",
        [
            (
                "set",
                f"{PATHS} > /api/admin/users/{{user_id}} > get > parameters > 0 > schema",
                {"type": "string", "format": "uuid"},
            )
        ],
        "the path parameter user_id",
    ),
    ("a call is removed", [("del", f"{PATHS} > /api/shop/buy")], "POST /api/shop/buy was removed"),
    (
        "a call gets another method",
        [("set", f"{PATHS} > /api/profile", {"put": {"responses": {}}})],
        "PATCH /api/profile was removed",
    ),
    (
        "an operation id changes",
        [("set", f"{SPIN} > operationId", "spin")],
        "has the operation id spin",
    ),
    (
        "a scope is demanded",
        [("set", f"{SPIN} > security", [{"bearer": ["operator"]}])],
        "can no longer be called",
    ),
    (
        "a token is demanded",
        [("set", f"{PATHS} > /api/auth/login > post > security", [{"bearer": []}])],
        "can no longer be called with no credentials",
    ),
    (
        "a token goes to another place",
        [
            (
                "set",
                "openapi.json > components > securitySchemes > bearer",
                {"type": "apiKey", "in": "cookie", "name": "token"},
            )
        ],
        "can no longer be called with bearer",
    ),
    (
        "a media type is no longer taken",
        [
            (
                "set",
                f"{SPIN} > requestBody > content",
                {"application/cbor": {"schema": {"$ref": "#/components/schemas/SpinCommand"}}},
            )
        ],
        "POST /api/games/slot/spin: the body",
    ),
    (
        "a body is demanded",
        [
            (
                "set",
                f"{PATHS} > /api/streak/claim > post > requestBody",
                {"required": True, "content": {"application/json": {"schema": {"type": "object"}}}},
            )
        ],
        "POST /api/streak/claim: the body is required now",
    ),
    (
        "a message is no longer taken",
        [("del", "messages/ping.json")],
        "messages/ping.json: the document was removed",
    ),
    (
        "a message gets another type",
        [("set", f"{AUTH} > properties > type > const", "token")],
        f"{AUTH}: the document was object",
    ),
    (
        "a message must have another field",
        [
            ("set", f"{AUTH} > properties > device", STRING),
            ("add", f"{AUTH} > required", "device"),
        ],
        "device is required",
    ),
    (
        "a message loses a field",
        [("del", f"{AUTH} > properties > token"), ("set", f"{AUTH} > required", ["type"])],
        f"{AUTH}: token",
    ),
]

ANSWERS: list[Change] = [
    (
        "a status changes",
        [("set", f"{SPIN} > responses", {"201": {"description": ""}})],
        "POST /api/games/slot/spin: status 200 was removed",
    ),
    ("a refusal is removed", [("del", f"{SPIN} > responses > 409")], "status 409 was removed"),
    (
        "a media type changes",
        [("set", f"{SPIN} > responses > 200 > content", {"text/plain": {"schema": STRING}})],
        "status 200 as application/json was removed",
    ),
    (
        "a code is removed",
        [
            ("set", f"{SPIN} > responses > 409 > description", "`insufficient_gold`: No."),
            ("del", f"{SPIN} > {EXAMPLES_409} > wallet_full"),
        ],
        "code wallet_full was removed",
    ),
    (
        "a code gets another status",
        [
            ("set", f"{SPIN} > responses > 409 > description", "`insufficient_gold`: No."),
            ("del", f"{SPIN} > {EXAMPLES_409} > wallet_full"),
            (
                "set",
                f"{SPIN} > responses > 413 > description",
                "`body_too_large`: X.\n\n`wallet_full`: Y.",
            ),
        ],
        "code wallet_full has status 413 now",
    ),
    ("a field is removed", [("del", f"{FIELDS.format('SpinResult')} > reels")], "field reels"),
    (
        "an optional field is removed",
        [
            ("del", f"{FIELDS.format('SpinResult')} > fairness"),
            ("drop", f"{COMPONENTS} > SpinResult > required", "fairness"),
        ],
        "field fairness can be missing",
    ),
    (
        "a field may be missing",
        [("drop", f"{COMPONENTS} > SignedIn > required", "refresh_token")],
        "refresh_token can be missing",
    ),
    (
        "a field gets another type",
        [("set", f"{FIELDS.format('EventRef')} > seq", STRING)],
        "events[].seq",
    ),
    (
        "an enumeration gets a value",
        [("add", f"{COMPONENTS} > Rarity > enum", "mythic")],
        "items[].rarity",
    ),
    (
        "a game is removed",
        [("drop", f"{COMPONENTS} > GameType > enum", "rps")],
        "game_type",
    ),
    (
        "a problem loses a field",
        [("del", f"{FIELDS.format('ProblemDetails')} > errors")],
        "field errors was removed",
    ),
    (
        "a header is removed",
        [("del", f"{SPIN} > responses > 200 > headers > Cache-Control")],
        "header cache-control was removed",
    ),
]

CHANNELS: list[Change] = [
    (
        "a close code is removed",
        [("del", f"{CLOSE_CODES} > 0")],
        "3001 (shutdown) was removed",
    ),
    (
        "a close code changes",
        [("set", f"{CLOSE_CODES} > 1 > code", 3006)],
        "3005 (token_expired) is 3006 now",
    ),
    (
        "a channel is removed",
        [("del", f"{SYNC}"), ("set", "asyncapi.json > operations", {})],
        "the channel /api/realtime/sync was removed",
    ),
    (
        "a channel moves",
        [("set", f"{SYNC} > address", "/api/v2/sync")],
        "the channel /api/realtime/sync was removed",
    ),
    (
        "a message that is sent changes",
        [("set", f"{ASYNCAPI_SCHEMAS} > PurchaseUpdateV1 > properties > seq", STRING)],
        "purchase_update version 1: seq",
    ),
    (
        "a message is no longer sent",
        [("del", "asyncapi.json > operations > sendSyncFrames > messages > 15")],
        "purchase_update version 1 was removed",
    ),
    (
        "a message is no longer taken",
        [("del", "asyncapi.json > operations > receiveSyncAuth")],
        "channel /api/realtime/sync",
    ),
    (
        "a message must have another field",
        [
            ("set", f"{ASYNCAPI_SCHEMAS} > Auth > properties > device", STRING),
            ("add", f"{ASYNCAPI_SCHEMAS} > Auth > required", "device"),
        ],
        "device is required now",
    ),
    (
        "a parameter of the handshake is removed",
        [("del", f"{SYNC} > bindings > ws > query > properties > since")],
        "the handshake's query since was removed",
    ),
    (
        "a parameter of the handshake is required",
        [("set", f"{SYNC} > bindings > ws > query > required", ["since"])],
        "the handshake's query since is required now",
    ),
]

HARMLESS: list[Change] = [
    ("nothing", [], ""),
    ("a new optional field is sent", [("set", f"{PURCHASE} > properties > currency", STRING)], ""),
    (
        "a new field is always sent",
        [
            ("set", f"{PURCHASE} > properties > currency", STRING),
            ("add", f"{PURCHASE} > required", "currency"),
        ],
        "",
    ),
    ("a new type of event", [("add", "sync.json > oneOf", DICE)], ""),
    ("a new version beside the old one", [("add", "sync.json > oneOf", PURCHASE_3)], ""),
    ("an optional field is always sent", [("add", f"{PURCHASE} > required", "receipt_code")], ""),
    ("a value is no longer sent", [("drop", f"{DEFS} > PurchaseStatusV1 > enum", "pending")], ""),
    (
        "null is no longer sent",
        [("set", f"{FIELDS.format('PastRound')} > server_seed", STRING)],
        "",
    ),
    ("a range that is sent is narrower", [("set", f"{ENVELOPE} > seq > minimum", 2)], ""),
    (
        "a string that is sent has a pattern",
        [("set", f"{PURCHASE} > properties > product_id > pattern", "^[a-z]+$")],
        "",
    ),
    (
        "a number that is sent is an integer",
        [("set", f"{DEFS} > SyncConnected > properties > heartbeat_s", INTEGER)],
        "",
    ),
    (
        "any object that is sent is described",
        [
            (
                "set",
                f"{DEFS} > UserActionV1Data > properties > action_data",
                {"type": "object", "properties": {"bet": INTEGER}},
            )
        ],
        "",
    ),
    ("frames are closed", [("set", f"{FLAT_GAME} > additionalProperties", False)], ""),
    ("frames are open", [("del", f"{PURCHASE} > additionalProperties")], ""),
    ("a new game", [("add", f"{DEFS} > GameType > enum", "dice")], ""),
    (
        "a new game in the legacy frame",
        [("add", "legacy.json > $defs > GameType > enum", "dice")],
        "",
    ),
    ("a new game in answers", [("add", f"{COMPONENTS} > GameType > enum", "dice")], ""),
    ("the games become any text", [("set", f"{DEFS} > GameType", STRING)], ""),
    ("there are no further games", [("del", f"{DEFS} > GameType > x-open")], ""),
    (
        "the end of a version is announced",
        [
            ("set", f"{DEFS} > PurchaseUpdateV2 > deprecated", True),
            ("set", f"{DEFS} > PurchaseUpdateV2 > x-sunset", "2029-01-31"),
        ],
        "",
    ),
    (
        "a control frame says its version",
        [("set", f"{WS_ACK} > v", {"const": 1})],
        "",
    ),
    ("a description changes", [("set", f"{PURCHASE} > description", "Otherwise.")], ""),
    (
        "a definition is inlined",
        [
            (
                "set",
                f"{PURCHASE} > properties > status",
                {"enum": ["success", "failed", "pending", "idempotent_reuse"]},
            )
        ],
        "",
    ),
    ("a new document of an event", [("set", "events/dice_rolled/1.json", DICE)], ""),
    (
        "a new call",
        [("set", f"{PATHS} > /api/games/dice", {"post": {"operationId": "dice", "responses": {}}})],
        "",
    ),
    ("a new optional field is taken", [("set", f"{COMMAND} > properties > stake", INTEGER)], ""),
    (
        "a range that is taken grows",
        [("set", f"{COMMAND} > properties > bet_amount > maximum", 20_000)],
        "",
    ),
    (
        "a pattern that is taken is dropped",
        [("del", f"{FIELDS.format('LogInCommand')} > site_id > pattern")],
        "",
    ),
    (
        "a longer string is taken",
        [("set", f"{FIELDS.format('LogInCommand')} > site_id > maxLength", 300)],
        "",
    ),
    ("a value more is taken", [("add", f"{COMPONENTS} > TicketEndpoint > enum", "polling")], ""),
    (
        "a required field is optional",
        [("drop", f"{COMPONENTS} > LogInCommand > required", "password")],
        "",
    ),
    (
        "further fields are tolerated",
        [("del", f"{COMPONENTS} > LogInCommand > additionalProperties")],
        "",
    ),
    (
        "a new optional parameter",
        [("add", f"{ROUNDS} > parameters", {"name": "game", "in": "query", "schema": STRING})],
        "",
    ),
    (
        "a new status",
        [("set", f"{SPIN} > responses > 418", {"description": "`teapot`: Short."})],
        "",
    ),
    (
        "a new code",
        [
            (
                "set",
                f"{SPIN} > responses > 413 > description",
                "`body_too_large`: X.\n\n`reels_too_large`: Y.",
            )
        ],
        "",
    ),
    (
        "a new media type is sent",
        [("set", f"{SPIN} > responses > 200 > content > application/cbor", {"schema": {}})],
        "",
    ),
    (
        "a new media type is taken",
        [("set", f"{SPIN} > requestBody > content > application/cbor", {"schema": {}})],
        "",
    ),
    (
        "a new header is sent",
        [("set", f"{SPIN} > responses > 200 > headers > etag", {"schema": STRING})],
        "",
    ),
    (
        "a scope is no longer demanded",
        [("set", f"{PATHS} > /api/admin/audit > get > security", [{"bearer": []}])],
        "",
    ),
    ("another way in", [("add", f"{SPIN} > security", {"cookie": []})], ""),
    (
        "a new message is taken",
        [("set", "messages/status.json", {"type": "object", "properties": {"type": STRING}})],
        "",
    ),
    ("a new optional field of a message", [("set", f"{AUTH} > properties > device", STRING)], ""),
    ("a new close code", [("add", CLOSE_CODES, {"code": 3499, "name": "MOVED"})], ""),
    ("a new channel", [("set", "asyncapi.json > channels > other", {"address": "/other"})], ""),
    (
        "a new optional parameter of the handshake",
        [("set", f"{SYNC} > bindings > ws > query > properties > accept", STRING)],
        "",
    ),
]
