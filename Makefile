# Two commands do everything: `make run` and `make test`. Both set up .venv from the hashed lock files themselves.
PYTHON ?= python3.11
UV     := .tools/bin/uv
PY     := .venv/bin/python
TESTS  ?= tests
export UV_PYTHON_DOWNLOADS := never
export UV_SYSTEM_CERTS := 1

.PHONY: run test check lock bench gallery soak image texts clean

run: .venv/run.ok
	@$(PY) -m bot run

test: check
	@$(PY) -m pytest $(TESTS)

check: .venv/dev.ok
	@$(PY) -m ruff check -q . && $(PY) -m ruff format -q --check .
	@$(PY) -m mypy
	@.venv/bin/lint-imports --no-timing >/dev/null || .venv/bin/lint-imports
	@$(PY) -m tests.catalogs

bench: .venv/dev.ok
	@$(PY) -m bench

gallery: .venv/run.ok
	@$(PY) -m bot gallery var/gallery

soak: .venv/dev.ok
	@SOAK=1 $(PY) -m pytest tests -m "soak or not soak"

image:
	docker build -t pandian .

texts: .venv/dev.ok
	@$(PY) -m tests.catalogs --update

lock: $(UV)
	$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 pyproject.toml -o requirements.txt
	$(UV) pip compile -q --generate-hashes --no-emit-index-url --no-header --no-annotate --python-version 3.11 --group dev -c requirements.txt pyproject.toml -o requirements-dev.txt

clean:
	rm -rf .venv .tools var

$(UV): .ci/uv.txt
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
