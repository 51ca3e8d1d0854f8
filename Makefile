# SPDX-License-Identifier: MIT
#
# drd: one Makefile for everything, not recursive.
#
#   make            build/drd, build/drd-status, build/drdctl
#   make demo       a real failover on the embedded sandbox, with a timeline
#   make check      every test
#   make asan       every C test under ASan and UBSan
#   make lint       clang-tidy, clang-format, the floors of the architecture
#   make bench      the measured claims of the README, beside their peers
#   make install    PREFIX, DESTDIR; keeps an existing configuration
#
# DEVELOPER=1 turns warnings into errors.  BUILD=dir builds elsewhere.

BUILD   ?= build
CC      ?= cc
PREFIX  ?= /usr/local
VERSION := 0.1.0

.DEFAULT_GOAL := all

# Every floor is an archive of its own, and a program or test links only the
# floors it stands on: an include from above does not even link.
FLOORS := daemon failover stack aws net base

PKGS      := libevent_core libevent_extra libcurl openssl jansson expat \
             libconfuse libsystemd
CPPFLAGS  += -D_GNU_SOURCE -D_FORTIFY_SOURCE=2 -DDRD_VERSION='"$(VERSION)"' \
             -DDRD_SYSCONFDIR='"$(SYSCONFDIR)"' -Isrc
WARNINGS  := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wformat=2 \
             -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
             -Wwrite-strings -Wconversion -Wundef -Wvla -Wswitch-enum \
             -Wno-unused-parameter
CFLAGS    ?= -O2 -g
ALL_CFLAGS = -std=c11 -fstack-protector-strong -fPIE $(WARNINGS) $(CFLAGS)
LDFLAGS   += -pie -Wl,-z,relro,-z,now -Wl,--as-needed
ifeq ($(DEVELOPER),1)
ALL_CFLAGS += -Werror
endif

SYSCONFDIR ?= /etc

# pkg-config is asked when a recipe runs, so that `make deps` works before
# anything is installed.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS   = $(shell pkg-config --libs $(PKGS))

sources  = $(wildcard src/$(1)/*.c) $(wildcard src/$(1)/*/*.c)
objects  = $(patsubst src/%.c,$(BUILD)/obj/%.o,$(filter-out %/main.c,$(call sources,$(1))))
ARCHIVES := $(FLOORS:%=$(BUILD)/lib%.a)

PROGRAMS := $(BUILD)/drd $(BUILD)/drd-status $(BUILD)/drdctl

.PHONY: all
all: $(PROGRAMS)

$(BUILD)/obj/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	$(CC) $(CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

define archive
$(BUILD)/lib$(1).a: $(call objects,$(1))
	@mkdir -p $$(@D)
	@rm -f $$@
	ar rcs $$@ $$^
endef
$(foreach floor,$(FLOORS),$(eval $(call archive,$(floor))))

$(BUILD)/drd: $(BUILD)/obj/daemon/main.o $(ARCHIVES)
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $(PKG_LIBS)

$(BUILD)/drd-status $(BUILD)/drdctl: $(BUILD)/%: $(BUILD)/obj/tools/%.o \
    $(BUILD)/obj/tools/ask.o $(BUILD)/libbase.a
	$(CC) $(ALL_CFLAGS) $(LDFLAGS) -o $@ $^ $$(pkg-config --libs jansson)

-include $(shell find $(BUILD)/obj $(BUILD)/tests -name '*.d' 2>/dev/null)

include tests/tests.mk
