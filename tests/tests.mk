# SPDX-License-Identifier: MIT
#
# C tests.  tests/unit/<floor>_<what>.c is one program: it includes the .c it
# tests and links its own floor and those below, nothing above.  A test that
# replaces net/ defines those functions itself: an archive member that nobody
# misses is not linked.  tests/unit/lib/ holds what several tests share.

UNIT_TESTS   := $(patsubst tests/unit/%.c,$(BUILD)/tests/%,$(wildcard tests/unit/*.c))
UNIT_HELPERS := $(patsubst tests/unit/lib/%.c,$(BUILD)/tests/lib/%.o,$(wildcard tests/unit/lib/*.c))

BELOW_base     := base
BELOW_net      := net base
BELOW_aws      := aws net base
BELOW_stack    := stack aws net base
BELOW_failover := failover aws net base
BELOW_daemon   := daemon failover stack aws net base

floor_of = $(firstword $(subst _, ,$(notdir $(1))))
below    = $(patsubst %,$(BUILD)/lib%.a,$(BELOW_$(call floor_of,$(1))))

TEST_CC = $(CC) $(CPPFLAGS) -Itests/unit $(ALL_CFLAGS) $(PKG_CFLAGS) \
          $(shell pkg-config --cflags check)

$(BUILD)/tests/lib/%.o: tests/unit/lib/%.c Makefile tests/tests.mk
	@mkdir -p $(@D)
	$(TEST_CC) -MMD -MP -c -o $@ $<

$(BUILD)/tests/libhelpers.a: $(UNIT_HELPERS)
	@mkdir -p $(@D)
	@rm -f $@
	ar rcs $@ $^

.SECONDEXPANSION:
$(BUILD)/tests/%: tests/unit/%.c $(BUILD)/tests/libhelpers.a $$(call below,$$*)
	@mkdir -p $(@D)
	$(TEST_CC) -MMD -MP -MF $@.d $(LDFLAGS) -o $@ $< \
	    $(BUILD)/tests/libhelpers.a $(call below,$*) \
	    $(PKG_LIBS) $$(pkg-config --libs check)

.PHONY: unit
unit: $(UNIT_TESTS)
