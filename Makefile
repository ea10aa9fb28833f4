# The tasks of this repository: the same for people, hooks and CI.
VENV ?= .venv
.PHONY: test
$(VENV)/.installed: pyproject.toml
	python3 -m venv $(VENV)
	$(VENV)/bin/pip install --quiet --upgrade 'pip>=25.1'
	$(VENV)/bin/pip install --quiet --editable . --group test
	touch $@
test: $(VENV)/.installed
	$(VENV)/bin/pytest
