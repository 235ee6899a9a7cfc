#!/bin/sh
# Sign in, spin, and poll the events of the spin, beside `make run`: sh examples/curl.sh [URL]
set -eu
base=${1:-http://127.0.0.1:8000}
json='Content-Type: application/json'

token=$(curl -fsS "$base/api/auth/login" -H "$json" \
  -d '{"site_id": "player", "password": "player-password"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
bearer="Authorization: Bearer $token"

# Without a position, the answer has the state and the position to continue from.
position=$(curl -fsS "$base/api/realtime/events" -H "$bearer" | sed 's/.*"position":"\([^"]*\)".*/\1/')

curl -fsS "$base/api/games/slot/spin" -H "$bearer" -H "$json" -d '{"bet_amount": 1}'; echo
curl -fsS "$base/api/realtime/events?since=$position" -H "$bearer"; echo
