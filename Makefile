# `make demo` is the way in. Nothing but Python 3 and make is needed beforehand.
MEMBERS := $(wildcard shared/pyproject.toml services/*/pyproject.toml deploy/local/pyproject.toml)
BIN := .venv/bin
FOREIGN := deploy/foreign
SCRIPT := services/voting/script
# What is about delivery: passed once more against the servers of containers.
DELIVERY := tests/shared/test_relay.py tests/shared/test_inbox.py
# By file, rooms one after another, and whatever uses a platform on one worker (tests/conftest.py).
TOGETHER := -n 2 --dist loadfile --no-loadscope-reorder
# What measures how long an outage lasts has the machine to itself.
ALONE := tests/end_to_end/test_faults.py tests/end_to_end/test_recovery.py

.PHONY: install voting-script lock foreign demo up test test-all check fuzz bench

install: .venv/.installed

.venv/.installed: requirements.lock pyproject.toml .python-version deploy/local/install.sh $(MEMBERS) \
    $(wildcard $(SCRIPT)/*.js $(SCRIPT)/*.json $(SCRIPT)/build.sh)
	@sh deploy/local/install.sh

# The one script that voters run; `install` makes it too. Its digest is in every round's opening.
voting-script: install
	@sh $(SCRIPT)/build.sh

# Hashes only, for all platforms: uv.lock would name the addresses of a package index.
lock:
	@sh deploy/local/install.sh uv
	.tools/bin/uv lock --upgrade --python 3.13
	.tools/bin/uv export --quiet --frozen --all-packages --all-groups --all-extras \
	    --no-emit-workspace --no-header -o requirements.lock
	@sh deploy/local/install.sh
	for each in clients toolchain; do \
	    .tools/bin/uv pip compile --quiet --upgrade --universal --python-version 3.13 --generate-hashes \
	        --no-header --no-annotate $(FOREIGN)/$$each.in -o $(FOREIGN)/$$each.lock; \
	done
	$(BIN)/python -m comptoir.jars lock

# Programs of other people that read our logs (deploy/foreign), each kind where it is needed.
foreign: .tools/foreign/.installed .tools/go/.installed

.tools/foreign/.installed: $(FOREIGN)/clients.lock $(FOREIGN)/install.sh | install
	@sh $(FOREIGN)/install.sh clients

.tools/go/.installed: $(FOREIGN)/toolchain.lock $(FOREIGN)/install.sh $(wildcard $(FOREIGN)/xmod/*) | install
	@sh $(FOREIGN)/install.sh go

demo: install .tools/foreign/.installed
	$(BIN)/comptoir demo

up: install
	$(BIN)/comptoir up

test: install
	$(BIN)/python -m pytest -m "not slow" $(TOGETHER)

test-all: install foreign
	$(BIN)/python -m pytest -m slow $(TOGETHER) $(ALONE:%=--ignore=%)
	$(BIN)/python -m pytest -m slow $(ALONE)
	sh deploy/ci/with-docker.sh $(BIN)/python -m pytest --backend=docker $(DELIVERY)

check: install
	$(BIN)/ruff check .
	$(BIN)/ruff format --check .
	$(BIN)/mypy
	@if [ -f tests/test_architecture.py ]; then $(BIN)/python -m pytest -q tests/test_architecture.py; fi

fuzz: install
	COMPTOIR_FUZZ=$${MANY:-100000} $(BIN)/python -m pytest -q tests/voting/count/allocation/test_library.py \
	    tests/voting/count/allocation/test_reference.py

bench: install
	$(BIN)/python -m tests.benchmarks $(NAME)
