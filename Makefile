# Two commands do everything: `make run` and `make test`. Both set up .venv from the hashed lock files themselves.
# The first of these that is Python 3.11 or newer; or say: make run PYTHON=/path/to/python
PYTHON ?= $(shell for name in python3.11 python3.12 python3.13 python3.14 python3 python; do \
	$$name -c 'import sys; sys.exit(sys.version_info < (3, 11))' >/dev/null 2>&1 && command -v $$name && break; done)
UV      := .tools/bin/uv
PY      := .venv/bin/python
WORKERS ?= 3
TESTS   ?=
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1

.PHONY: run test suite check lock bench gallery pictures soak image texts migration clean
.NOTPARALLEL:

run: .venv/run.ok
	@$(PY) -m bot run

# Checks beside the tests: neither keeps both processors busy. TESTS=tests/models runs a part; WORKERS=0 runs in one process.
test: .venv/dev.ok
	@$(MAKE) --no-print-directory -j2 check suite

suite: .venv/dev.ok
	@$(PY) -m pytest -n $(WORKERS) --dist worksteal --durations 10 $(TESTS)

check: .venv/dev.ok
	@$(PY) -m ruff check -q . && $(PY) -m ruff format -q --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-logo >/dev/null || .venv/bin/lint-imports --no-logo
	@$(PY) -m tests.catalogs

bench: .venv/dev.ok
	@$(PY) -m bench

gallery: .venv/run.ok
	@$(PY) -m bot gallery var/gallery

# The pictures of the documents; needs Chromium.
pictures: .venv/dev.ok
	@$(PY) -m tests.pictures

soak: .venv/dev.ok
	@SOAK=1 $(PY) -m pytest tests -m "soak or not soak"

image:
	docker build -t pandian .

texts: .venv/dev.ok
	@$(PY) -m tests.catalogs --update

# The next revision from the models: make migration NAME=what_changes
# Before the first release there is only one: make migration NAME=first FRESH=1
migration: .venv/dev.ok
	@$(PY) -m models.migrations "$(NAME)" $(if $(FRESH),--fresh)
	@$(PY) -m ruff format -q models/migrations/versions/*.py

lock: $(UV)
	$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements.txt
	$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .tools var

$(UV): .ci/uv.txt
	$(if $(PYTHON),,$(error Python 3.11 or newer is needed: install it, or say make PYTHON=/path/to/python))
	@$(PYTHON) -m pip install -q --disable-pip-version-check --no-input --upgrade --target .tools --require-hashes --only-binary :all: -r $<
	@touch $@

.venv/bin/python: $(UV)
	@$(UV) venv -q --allow-existing --python $(PYTHON) .venv

.venv/run.ok: requirements.txt .venv/bin/python
	@$(UV) pip install -q --python $(PY) --require-hashes -r requirements.txt
	@touch $@

.venv/dev.ok: requirements-dev.txt .venv/bin/python
	@$(UV) pip install -q --python $(PY) --require-hashes -r requirements-dev.txt
	@touch $@ .venv/run.ok
