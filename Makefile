# make run [TASK=0] [ARGS="--epochs 5"]   train a task on MNIST
# make test [ARGS="-k mains"]             run the tests and the style check
# make grade DIR=folder                   grade solutions, one or a class:
#     [TENSORFLOW="1.15.5 2.21.0"] [CSV=file] [JSON=file] [REPORTS=folder]
#     [SANDBOX=off] [SEED=number]
# make page [ARGS="--output folder"]      all four in one HTML file, output/page.html,
#     of what make run TASK=0 to TASK=3 left there (11 minutes in all)
# make figures                            train all four, draw the README's
# make seeds [TASK=0]                     the spread of a task's test loss
# make bench [ARGS="--tasks 0-vanilla"]           time an epoch beside others'
# make slow                               run the tests that take minutes
# make stress [ROUNDS=20] [ARGS=tests]    the tests of programs, again and again
# make matrix [ROWS="1.15.5"]             the modules on every TensorFlow
PYTHON ?= python3
TASK ?= 0
ROUNDS ?= 20
DIR ?= .
BIN = .venv/bin

# TASK and ARGS are all that is taken: a word that is not gets a line.
run: .venv/run
	$(if $(filter 0 1 2 3,$(TASK)),,$(error TASK is $(TASK), expected 0, 1, 2 or 3))
	$(if $(filter command,$(firstword $(origin EPOCHS))),$(error EPOCHS is no \
	    variable of this Makefile: ARGS="--epochs $(EPOCHS)"))
	@$(BIN)/python $(TASK)-main.py $(ARGS)

test: .venv/test
	@$(BIN)/pycodestyle --exclude=.venv,.matrix .
	@$(BIN)/python -m pytest -n 2 --dist loadfile $(ARGS)

# The grader's status 1 says that a solution has faults, which is no error.
grade: .venv/test
	@$(BIN)/python -m grader "$(DIR)" \
	    $(if $(TENSORFLOW),--tensorflow $(TENSORFLOW)) \
	    $(if $(CSV),--csv "$(CSV)") $(if $(JSON),--json "$(JSON)") \
	    $(if $(REPORTS),--reports "$(REPORTS)") \
	    $(if $(SANDBOX),--sandbox $(SANDBOX)) \
	    $(if $(SEED),--seed $(SEED)) || test $$? = 1

page: .venv/run
	@$(BIN)/python -m page.make $(ARGS)

bench: .venv/bench
	@$(BIN)/python -m docs.bench.epoch_time $(ARGS)

figures: .venv/run
	@for task in 0 1 2 3; do MPLBACKEND=agg \
	    $(BIN)/python $$task-main.py $(ARGS) || exit 1; done
	@$(BIN)/python -m docs.figures.make

seeds: .venv/run
	@$(BIN)/python -m docs.figures.seeds $(TASK) $(ARGS)

matrix:
	@$(PYTHON) -m tests.matrix $(if $(ROWS),--rows $(ROWS))

slow: .venv/test
	@$(BIN)/python -m pytest -n 2 --dist loadfile -m slow $(ARGS)

# Two are run at a time for each core, so that none can rely on its speed.
stress: .venv/test
	@$(BIN)/python -m pytest -m program -n $$((2 * $$(nproc))) \
	    --dist worksteal --keep-duplicates \
	    $(foreach round,$(shell seq $(ROUNDS)),$(or $(ARGS),tests))

.venv/run: requirements.txt
	@$(PYTHON) -c 'import sys; sys.exit(not (3, 10) <= sys.version_info < \
	    (3, 14))' || { echo "$$($(PYTHON) --version): TensorFlow serves 3.10" \
	    "to 3.13, try make PYTHON=python3.12"; exit 1; }
	@echo "installing TensorFlow in .venv: 2.2 GB, a minute or more"
	@$(PYTHON) -m venv .venv
	@$(BIN)/pip install -q -r requirements.txt
	@touch $@

.venv/test: requirements-dev.txt .venv/run
	@echo "installing what the tests need in .venv"
	@$(BIN)/pip install -q -r requirements-dev.txt
	@touch $@

.venv/bench: requirements-bench.txt .venv/run
	@$(BIN)/pip install -q -r requirements-bench.txt
	@touch $@

.PHONY: run test page grade bench figures seeds slow stress matrix
