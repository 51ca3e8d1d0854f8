# SPDX-License-Identifier: MIT
#
# C tests.  tests/unit/<floor>_<what>.c is one program: it includes the .c it
# tests and links its own floor and those below, nothing above.  A test that
# replaces net/ defines those functions itself: an archive member that nobody
# misses is not linked.  tests/unit/lib/ holds what several tests share.

UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
UNIT_HELPERS := $(patsubst tests/unit/lib/%.c,$(BUILD)/tests/lib/%.o, \
                  $(filter-out %/script.c %/script_http.c %/script_dns.c, \
                  $(wildcard tests/unit/lib/*.c)))

# A test that names lib/script.h or lib/world.h gets the scripted world as
# objects, so that net's loop, http and dns are not missed, and the script's
# clocks.
SCRIPTED       := $(shell grep -lsE '"lib/(script|world).h"' tests/unit/*.c)
SCRIPT_OBJECTS := $(patsubst %,$(BUILD)/tests/lib/%.o,script script_http script_dns)
is_scripted    = $(filter tests/unit/$(1).c,$(SCRIPTED))
script_objects = $(if $(call is_scripted,$(1)),$(SCRIPT_OBJECTS))
script_flags   = $(if $(call is_scripted,$(1)),-Xlinker --wrap=clock_mono_ms -Xlinker --wrap=clock_wall_ms)

BELOW_base     := base
BELOW_net      := net base
BELOW_aws      := aws net base
BELOW_stack    := stack aws net base
BELOW_kinds    := stack aws net base
BELOW_failover := failover aws net base
BELOW_daemon   := daemon failover stack aws net base
BELOW_tools    := tools base

floor_of = $(firstword $(subst _, ,$(notdir $(1))))
below    = $(patsubst %,$(BUILD)/lib%.a,$(BELOW_$(call floor_of,$(1))))

TEST_CC = $(COMPILE) -Itests/unit $(shell pkg-config --cflags check)

$(BUILD)/tests/lib/%.o: tests/unit/lib/%.c $(BUILD)/flags
	@echo '  CC      $<'
	@mkdir -p $(@D)
	$(TEST_CC) -MMD -MP -c -o $@ $<

$(BUILD)/tests/libhelpers.a: $(UNIT_HELPERS)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

# An object of its own, which a compiler cache can keep.
$(BUILD)/tests/unit/%.o: tests/unit/%.c $(BUILD)/flags
	@echo '  CC      $<'
	@mkdir -p $(@D)
	$(TEST_CC) -MMD -MP -c -o $@ $<

.PRECIOUS: $(BUILD)/tests/unit/%.o

.SECONDEXPANSION:
$(BUILD)/tests/%: $(BUILD)/tests/unit/%.o $(BUILD)/tests/libhelpers.a \
    $$(call script_objects,$$*) $$(call below,$$*)
	@echo '  TEST    $(notdir $@)'
	@mkdir -p $(@D)
	$(TEST_CC) $(ALL_LDFLAGS) $(call script_flags,$*) \
	    -o $@ $< $(call script_objects,$*) \
	    $(BUILD)/tests/libhelpers.a $(call below,$*) \
	    $(PKG_LIBS) $(shell pkg-config --libs check)

# What tests/aws compares with the SDK: its signer and its service models; and
# the tables of the kinds.
DRIVERS := $(BUILD)/tests/sigv4_driver $(BUILD)/tests/wire_driver \
           $(BUILD)/tests/call_driver $(BUILD)/tests/endpoint_driver \
           $(BUILD)/tests/kinds_driver

$(DRIVERS): $(BUILD)/tests/%: tests/aws/%.c $(BUILD)/flags \
    $(BELOW_stack:%=$(BUILD)/lib%.a)
	@echo '  TEST    $<'
	@mkdir -p $(@D)
	$(TEST_CC) -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< \
	    $(BELOW_stack:%=$(BUILD)/lib%.a) $(PKG_LIBS)

.PHONY: unit
unit: $(UNIT_TESTS) $(DRIVERS) $(BUILD)/sim

# make fuzz: each target of tests/fuzz/<floor>_<what>.c gets FUZZ_SECONDS of
# random input.  A target is libFuzzer's: clang only.
FUZZ_SECONDS ?= 60
FUZZERS      := $(patsubst tests/fuzz/%.c,$(BUILD)/fuzzers/%,$(wildcard tests/fuzz/*.c))

$(BUILD)/fuzzers/%: tests/fuzz/%.c $(BUILD)/flags $$(call below,$$*)
	@echo '  FUZZER  $<'
	@mkdir -p $(@D)
	$(TEST_CC) -fsanitize=fuzzer -MMD -MP -MF $@.d $(ALL_LDFLAGS) -o $@ $< \
	    $(call below,$*) $(PKG_LIBS)

# make service: drd under a systemd of its own.  Root, debootstrap and
# systemd-nspawn; not part of check.
.PHONY: service
service:
	scripts/deps.sh check
	+tests/service/run.sh

.PHONY: fuzz fuzzers
fuzzers: $(FUZZERS)
fuzz:
	+$(SUBMAKE) BUILD=$(BUILD)/fuzz CC=clang SANITIZE=1 \
	    CPPFLAGS='$(CPPFLAGS) -fsanitize=fuzzer-no-link' fuzzers
	for fuzzer in $(FUZZERS:$(BUILD)/%=$(BUILD)/fuzz/%); do \
	    $$fuzzer -max_total_time=$(FUZZ_SECONDS) -artifact_prefix=$$fuzzer- \
	    >$$fuzzer.log 2>&1 || { tail -60 $$fuzzer.log; exit 1; }; \
	    echo "  FUZZED  $$fuzzer: nothing found"; \
	done

# make sim: the real code above net/ through outages that never were.  The
# archives below it are drd's own; what tests/sim/ defines takes the place of
# net/, of the clocks and of the disk.
SIM_OBJECTS := $(patsubst tests/sim/%.c,$(BUILD)/tests/sim/%.o,$(wildcard tests/sim/*.c))
SIM_WRAPS   := clock_mono_ms clock_wall_ms write ftruncate fsync fdatasync \
               renameat rename unlinkat openat \
               failover_new failover_free aws_send sigv4_sign wire_decode \
               poll_start brake_judge getpid getgrnam
SIM_FLOORS  := daemon failover stack aws base

$(BUILD)/tests/sim/%.o: tests/sim/%.c $(BUILD)/flags
	@echo '  CC      $<'
	@mkdir -p $(@D)
	$(COMPILE) -Itests/sim -MMD -MP -c -o $@ $<

$(BUILD)/sim: $(SIM_OBJECTS) $(SIM_FLOORS:%=$(BUILD)/lib%.a)
	@echo '  LINK    $@'
	$(LINK) $(SIM_WRAPS:%=-Xlinker --wrap=%) -o $@ $^ $(PKG_LIBS)

.PHONY: sim
sim: $(BUILD)/sim
ifdef SEED
	$(BUILD)/sim --seed $(SEED) --trace
else ifdef SIM
	$(BUILD)/sim --trace $(SIM)
else
	$(BUILD)/sim --seeds $(or $(SEEDS),2000) --from $(or $(FROM),1) \
	    --jobs $(JOBS)
endif

# make mutants: faults that the simulator must find, each in a copy of the
# sources; MUTANTS="fall-one-less no-fsync" for some.
.PHONY: mutants
mutants:
	scripts/deps.sh check
	JOBS=$(JOBS) tests/sim/mutants/run.py $(BUILD)/mutants $(MUTANTS)

# make coverage: which branches of the decisions have been taken, by the C
# tests, the scenarios and some seeds; MISSING=1 tells the lines, too.  Without
# optimisation, so that a branch is one in the source.
COVERAGE_SEEDS ?= 300

.PHONY: coverage
coverage:
	scripts/deps.sh check
	+$(SUBMAKE) BUILD=$(BUILD)/coverage HARDENED= \
	    CFLAGS='-O0 -g --coverage' unit
	find $(BUILD)/coverage -name '*.gcda' -delete
	tests/run.py $(BUILD)/coverage
	$(BUILD)/coverage/sim --first tests/sim/scenarios/*.sim
	$(BUILD)/coverage/sim --first --seeds $(COVERAGE_SEEDS)
	tests/coverage.py $(BUILD)/coverage src/failover $(if $(MISSING),--missing)
