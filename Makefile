# Everything this repository does, one command each: `make` alone prints the list.
# Each command first brings .venv to what it needs; when it is there already, that takes no time.

PYTHON ?=
PORT ?= 8888
LAB_FLAGS ?=
NOTEBOOKS ?=
QUICK_SINCE ?=

# -E -s: Python reads nothing that the reader's shell sets; what it starts gets a clean environment.
PY := .venv/bin/python -E -s
RUN := $(PY) tools/isolated.py
# A word for the shell, whatever the reader wrote
quoted = '$(subst ','\'',$(1))'
# Fetches LiteRT.js once: the site takes it along
LITERT := $(RUN) tools/javascript.py

.PHONY: help setup lab test quick lint unit notebooks book site browser sync bench format lock clean
.DEFAULT_GOAL := help

help:
	@echo 'The book'
	@echo '  make lab        open the book in JupyterLab   (PORT=8899, LAB_FLAGS=--no-browser)'
	@echo '  make book       build the site: build/site/index.html'
	@echo 'Working on it'
	@echo '  make test       run every check: code, notebooks, site, browser'
	@echo '  make quick      check what you changed, by imports   (QUICK_SINCE=main for another start)'
	@echo '  make sync       run changed notebooks, pair .md and .ipynb   (NOTEBOOKS=--all for all)'
	@echo '  make format     format and mend the code'
	@echo '  make bench      measure speed against its goals: build/bench.json, build/bench.png'
	@echo 'Single checks of make test'
	@echo '  make lint | unit | notebooks | site | browser'
	@echo 'Housekeeping'
	@echo '  make setup      only create the environment   (PYTHON=python3.13 picks the Python)'
	@echo '  make lock       renew requirements.lock and constraints.txt'
	@echo '  make clean      delete .venv and all that was built'

# One stamp for each extra of pyproject.toml: .venv/.lab, .venv/.book, .venv/.test;
# .venv/.runtime makes build/runtime, an environment of its own; so do .venv/.nbgrader and .venv/.otter
SETUP = python=$$(sh tools/find_python.sh $(call quoted,$(PYTHON))) && "$$python" -E -s tools/environment.py
.venv/.%: FORCE
	@$(SETUP) $* $(call quoted,$(PYTHON))

FORCE:

setup: .venv/.lab

lab: .venv/.lab
	@$(PY) tools/lab.py --port=$(call quoted,$(PORT)) $(LAB_FLAGS)

test: .venv/.test .venv/.runtime .venv/.nbgrader
	@$(LITERT) && $(RUN) tools/check.py

quick: .venv/.test .venv/.runtime
	@$(RUN) tools/quick.py --since $(call quoted,$(QUICK_SINCE))

lint unit notebooks site browser: .venv/.test .venv/.runtime .venv/.nbgrader
	@$(LITERT) && $(RUN) tools/check.py $@

book: .venv/.book
	@$(LITERT) && $(RUN) tools/build_site.py && echo 'The book is built: open build/site/index.html'

sync: .venv/.test
	@$(RUN) tools/sync.py $(NOTEBOOKS)

bench: .venv/.test .venv/.runtime .venv/.nbgrader .venv/.otter
	@env -u OPENBLAS_CORETYPE $(RUN) -m pytest tests/bench --quiet --benchmark-columns=median,rounds

format: .venv/.test
	@$(RUN) -m ruff check --fix --extend-exclude '*.ipynb'
	@$(RUN) -m ruff format --extend-exclude '*.ipynb'
	@echo 'Cells of notebooks are formatted by make sync.'

lock:
	@$(SETUP) lock

clean:
	rm -rf .venv build *.egg-info .pytest_cache .ruff_cache .hypothesis .import_linter_cache .benchmarks
	find . -name __pycache__ -type d -prune -exec rm -rf {} +
