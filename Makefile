# Two commands: `make run` on a fresh machine, `make test`.
PYTHON ?= python3
HOST ?= 127.0.0.1
PORT ?= 8000
VENV := .venv
BIN := $(VENV)/bin
FLASK := $(BIN)/flask --app wsgi
CATALOGUES := app/translations
PO := $(wildcard $(CATALOGUES)/*/LC_MESSAGES/*.po)

export BIN HOST PORT

.PHONY: setup run test check torture bench bench-one bench-large catalogues migration pictures

setup: $(VENV)/installed $(PO:.po=.mo)

$(VENV)/installed: requirements/dev.txt
	$(PYTHON) -m venv $(VENV)
	$(BIN)/pip install --quiet --disable-pip-version-check --require-hashes -r requirements/dev.txt
	touch $@

%.mo: %.po $(VENV)/installed
	$(BIN)/pybabel --quiet compile --use-fuzzy -i $< -o $@

run: setup
	$(FLASK) db upgrade
	$(FLASK) seed --if-empty
	$(FLASK) documents sweep
	$(FLASK) login-hint
	sh scripts/serve.sh

test: setup
	$(BIN)/python -m pytest -n 2 --ignore=tests/browser -m "not apart"
	$(BIN)/python -m pytest -n 2 --ignore=tests/browser -m apart
	$(BIN)/python -m pytest tests/browser

check: setup
	$(BIN)/ruff format --check .
	$(BIN)/ruff check .
	$(BIN)/pyright --pythonpath $(BIN)/python
	$(BIN)/python scripts/catalogues.py --check
	KUNDENBLICK_DATA=$$(mktemp -d) sh -c '$(FLASK) db upgrade && $(FLASK) db check'

torture: setup
	$(BIN)/python -m torture

bench: setup
	$(BIN)/python -m bench --customers 10000 100000

bench-one: setup
	$(BIN)/python -m bench --one

bench-large: setup
	$(BIN)/python -m bench --large

catalogues: setup
	$(BIN)/python scripts/catalogues.py

migration: setup
	KUNDENBLICK_DATA=$$(mktemp -d) sh -c '$(FLASK) db upgrade && \
		$(FLASK) db migrate -m "$(MESSAGE)" \
		--rev-id $$(printf %04d $$(($$(ls migrations/versions/*.py | wc -l) + 1)))'

pictures: setup
	$(BIN)/python scripts/pictures.py
