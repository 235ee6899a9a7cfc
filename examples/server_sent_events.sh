#!/bin/sh
# A player's frames as Server-Sent Events, beside `make run`: sh examples/server_sent_events.sh [URL]
token=$(curl -fsS "${1:-http://127.0.0.1:8000}/api/auth/login" -H 'Content-Type: application/json' -d '{"site_id": "player", "password": "player-password"}' | sed 's/.*"access_token":"\([^"]*\)".*/\1/')
exec curl -fsSN "${1:-http://127.0.0.1:8000}/api/realtime/stream" -H "Authorization: Bearer $token"
