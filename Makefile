# The two commands of the README, and the few a maintainer needs. Everything heavy is Swift.
SHELL := /bin/bash
SWIFT_BUILD := swift build -c release --explicit-target-dependency-import-check error
BINARY := .build/release/firstlead
LISTEN ?= 127.0.0.1:8080
BUNDLE ?= Bundles/demonstration

export FIRSTLEAD_COMMIT := $(shell git rev-parse HEAD 2>/dev/null || echo unknown)$(shell git diff --quiet HEAD 2>/dev/null || echo +modified)

.PHONY: serve test test-arm damage fuzz build lint setup demonstration clean

## Serve the demonstration bundle (or BUNDLE=...) on 127.0.0.1:8080 (or LISTEN=...).
serve: build
	$(BINARY) serve --bundle $(BUNDLE) --listen $(LISTEN)

## Set up, lint and run every test, on the code that is served: release configuration.
test: setup lint
	$(SWIFT_BUILD) --build-tests
	@set -o pipefail; swift test -c release --skip-build --parallel 2>&1 | tee .build/test.log
	@grep -q 'Test run with [1-9][0-9]* tests' .build/test.log || { echo 'firstlead: no test ran' >&2; exit 1; }

## The kernels for arm64, under user-mode emulation, against this machine's.
test-arm:
	scripts/test-arm.sh

## MUTATIONS damaged files for each format, and every fixture cut at every byte, instead of the few of `make test`:
## an hour of one processor. CUTS=3/24 is the third of 24 parts, which together are all.
MUTATIONS ?= 100000
CUTS ?= all
damage: setup
	$(SWIFT_BUILD) --build-tests
	FIRSTLEAD_MUTATIONS=$(MUTATIONS) FIRSTLEAD_CUTS=$(CUTS) swift test -c release --skip-build \
		--filter 'DamageTests|survivesTruncation'

## libFuzzer on TARGET (a format's id, upload, form, http), or all of them, for SECONDS_EACH.
TARGET ?= all
SECONDS_EACH ?= 60
fuzz: setup
	scripts/fuzz.sh $(TARGET) $(SECONDS_EACH)

## The release binary, .build/release/firstlead.
build: setup
	$(SWIFT_BUILD)

lint: setup
	swift format lint --strict --recursive Sources Tests Package.swift

## Install the system libraries that are missing (Debian and its kin).
setup:
	@scripts/setup.sh

## Build the demonstration bundle anew from the ECGs in Demonstration/; the result is the same byte for byte.
demonstration: build
	rm -rf $(BUNDLE)
	$(BINARY) bundle demonstration --cohort Demonstration/cohort.csv --output $(BUNDLE) \
		--created 2026-11-22T00:00:00Z
	$(BINARY) bundle verify $(BUNDLE)

clean:
	rm -rf .build
