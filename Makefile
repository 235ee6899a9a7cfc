# Everything runs in .venv, installed from locked and hashed requirements.
PYTHON ?= $(shell command -v python3.11 || command -v python3)
VENV := .venv
BIN := $(VENV)/bin
PIP := $(BIN)/python -m pip install --disable-pip-version-check --quiet
NPM := tests/npm
TYPES := clients/typescript/src/generated/contract.ts

.PHONY: run test fuzz coverage test-page typescript test-links chaos attack lint audit format smoke schemas compatibility \
	release-contract bench bench-quick bench-peers \
	bench-spins \
	bench-memory bench-slow-reader bench-announce bench-storm bench-brokers bench-redis-traffic \
	bench-revocation fairness lock clean

run: $(VENV)/run.stamp  ## serve on http://127.0.0.1:8000 with SQLite, nothing else needed
	$(BIN)/synchub serve

test: $(VENV)/dev.stamp $(NPM)/node_modules/stamp  ## all tests but the fuzzers
	$(BIN)/python -m pytest -n 3 --dist worksteal $(FUZZERS:%=--ignore=%)

fuzz: $(VENV)/dev.stamp  ## made-up calls and conversations against a node, two minutes; long in `attack`
	$(BIN)/python -m pytest $(FUZZERS)

FUZZERS := tests/system/test_api_fuzz.py tests/system/test_websocket_fuzz.py

coverage: $(VENV)/dev.stamp $(NPM)/node_modules/stamp  ## branch coverage: domain and application 95 %, adapters 90 %
	$(BIN)/python -m pytest -n 2 --dist worksteal --cov --cov-report= tests/unit tests/contract
	$(BIN)/coverage report --skip-covered --include='domain/*,application/*' --fail-under=95
	$(BIN)/coverage report --skip-covered --include='adapters/*' --fail-under=90

test-page:  ## the page's logic; needs Node 20
	node --experimental-default-type=module --test tests/web/

typescript: $(NPM)/node_modules/stamp  ## renew the types of clients, from schemas/openapi.json
	$(NPM)/node_modules/.bin/openapi-typescript schemas/openapi.json --output $(TYPES) \
		--root-types --root-types-no-schema-prefix --default-non-nullable=false

chaos: $(VENV)/dev.stamp  ## the fault tests, large: networks, kill -9, drains, clusters; needs minutes
	CHAOS_USERS=200 CHAOS_SECONDS=60 CHAOS_ROUNDS=20 CHAOS_CLIENTS=2000 \
	CHAOS_CLUSTER_USERS=297 CHAOS_CLUSTER_SECONDS=20 CHAOS_CLUSTER_PAUSE_S=5 \
		$(BIN)/python -m pytest -s tests/system/test_network_faults.py tests/system/test_kill.py \
		tests/system/test_drain.py tests/system/test_half_open.py tests/system/test_cluster.py \
		tests/system/test_without_broker.py

test-links: $(VENV)/dev.stamp  ## the links to servers with TLS of their own; needs redis-server, postgresql, Java, Maven
	LINK_SERVERS=real $(BIN)/python -m pytest tests/contract/ports/test_links.py
attack: $(VENV)/dev.stamp  ## what honest players notice of attacks; then fuzzers; needs two cores, half an hour
	$(BIN)/python -m benchmarks.attack
	CHAOS_FUZZ_CONVERSATIONS=10000 CHAOS_API_EXAMPLES=400 CHAOS_API_CALLS=10000 \
		$(BIN)/python -m pytest -s $(FUZZERS)

lint: $(VENV)/dev.stamp  ## formatting, lint, types, layers
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/mypy
	$(BIN)/lint-imports --cache-dir $(VENV)/import-linter

audit: $(VENV)/dev.stamp  ## advisories against the locked dependencies
	$(BIN)/python -m tests.support.dependency_audit

schemas: $(VENV)/run.stamp  ## renew the published documents after a change of frames or calls
	$(BIN)/synchub schemas

compatibility: $(VENV)/dev.stamp  ## do deployed clients go on working? see docs/compatibility.md
	$(BIN)/python -m tools.contract_gate check

release-contract: $(VENV)/dev.stamp  ## keep the published documents as those of this version
	$(BIN)/python -m tools.contract_gate release

format: $(VENV)/dev.stamp
	$(BIN)/ruff format .
	$(BIN)/ruff check --fix .

smoke: $(VENV)/run.stamp  ## is a running server delivering?
	$(BIN)/synchub smoke

fairness: $(VENV)/run.stamp  ## a million rounds of each game against the stated odds, some minutes
	$(BIN)/python -m benchmarks.fairness

bench: $(VENV)/dev.stamp  ## the comparison with other servers, ten minutes; needs gcc, lists servers that are missing
	$(BIN)/python -m benchmarks.compare --plots docs/performance

bench-quick: $(VENV)/dev.stamp  ## a check that the comparison works, one minute
	$(BIN)/python -m benchmarks.compare --quick --results benchmarks/.build/quick.json

bench-peers:  ## install the servers of the comparison; as root on Debian; needs Node 20, npm and Go
	test `id -u` -ne 0 || apt-get install -y --no-install-recommends gcc libc6-dev nginx libnginx-mod-nchan
	npm install --prefix benchmarks/.build/node --no-audit --no-fund ws@8 socket.io@4
	$(PYTHON) -m venv benchmarks/.build/django
	benchmarks/.build/django/bin/pip install --quiet django channels channels_redis hiredis 'uvicorn[standard]'
	cd benchmarks/peers/programs/centrifugo && \
		go build -o $(CURDIR)/benchmarks/.build/bin/centrifugo github.com/centrifugal/centrifugo/v5

bench-spins: $(VENV)/dev.stamp  ## spins per second on one core, SQLite and PostgreSQL; needs wrk
	$(BIN)/python -m benchmarks.spins

bench-memory: $(VENV)/run.stamp  ## memory of the server per idle session, with 5,000 sessions
	$(BIN)/python -m benchmarks.memory

bench-slow-reader: $(VENV)/dev.stamp  ## effect of one slow reader on 1,000 fast ones
	$(BIN)/python -m benchmarks.slow_reader

bench-brokers: $(VENV)/dev.stamp  ## latency added by Redis and Kafka, three nodes each
	$(BIN)/python -m benchmarks.brokers

bench-redis-traffic: $(VENV)/dev.stamp  ## traffic from Redis per node, with 1,000 users on 2 and on 4 nodes
	$(BIN)/python -m benchmarks.redis_traffic

bench-revocation: $(VENV)/dev.stamp  ## time until a block, a sign-out, a demotion reaches three nodes
	$(BIN)/python -m benchmarks.revocation

bench-announce: $(VENV)/run.stamp  ## delay of other requests by an announcement to 10,000 sockets
	$(BIN)/python -m benchmarks.announce

bench-storm: $(VENV)/run.stamp  ## simultaneous reconnect of 5,000 devices
	$(BIN)/python -m benchmarks.reconnect_storm

lock: $(VENV)/dev.stamp  ## renew the locks after a change of pyproject.toml
	$(BIN)/uv pip compile pyproject.toml --group build $(LOCK_OPTIONS) -o requirements/run.lock
	$(BIN)/uv pip compile pyproject.toml --group dev $(LOCK_OPTIONS) -o requirements/dev.lock

LOCK_OPTIONS := --quiet --universal --python-version 3.11 --generate-hashes \
	--no-emit-index-url --no-annotate --custom-compile-command "make lock"

clean:
	rm -rf $(VENV) $(NPM)/node_modules data

$(VENV)/%.stamp: requirements/%.lock pyproject.toml
	test -x $(BIN)/python || $(PYTHON) -m venv $(VENV)
	$(PIP) --require-hashes --no-deps -r requirements/$*.lock
	$(PIP) --no-deps --no-build-isolation --editable .
	touch $@

$(NPM)/node_modules/stamp: $(NPM)/package-lock.json
	npm ci --prefix $(NPM) --ignore-scripts --silent
	touch $@
