# SPDX-License-Identifier: MIT
#
# drd: one Makefile for everything, not recursive.
#
#   make            build/drd, build/drd-status, build/drdctl
#   make demo       a real failover on the embedded sandbox, with a timeline
#   make sandbox    two AWS regions on this machine; SANDBOX="--speed 30 ..."
#   make check      every test
#   make asan       every C test under ASan and UBSan, and SEEDS=50 outages
#   make lint       clang, clang-tidy, clang-format, the floors, and so on
#   make format     let clang-format write it
#   make sim        drd through simulated outages: SEEDS=2000 of them, or one
#                   of them (SEED=1), or a file (SIM=...); tests/sim/README.md
#   make mutants    faults that the simulator must find, one by one
#   make coverage   the branches of src/failover/ that have been taken
#   make fuzz       random input for each parser, FUZZ_SECONDS=60 each; clang
#   make bench      reading the whole stack beside boto3, building it, from
#                   decision to done, memory; BENCH="drift build" for some
#   make install    PREFIX, DESTDIR, SYSCONFDIR; keeps an existing configuration
#   make uninstall  keeps the configuration and the state
#
# CC=clang builds with clang, DEVELOPER=1 turns warnings into errors, V=1 shows
# the commands, BUILD=dir builds elsewhere.  check, asan and lint build in
# directories of their own below $(BUILD), so that none of them undoes the
# others' objects and `make install` installs what `make` built.

BUILD      ?= build
CC         ?= cc
PYTHON     ?= python3
PREFIX     ?= /usr/local
SYSCONFDIR ?= /etc
DATADIR    ?= $(PREFIX)/share/drd
JOBS       ?= $(shell nproc)
VERSION    := 0.1.0

.DEFAULT_GOAL := all
.DELETE_ON_ERROR:
ifneq ($(V),1)
.SILENT:
endif

# Every floor is an archive of its own, and a program or test links only the
# floors it stands on: an include from above does not even link.
FLOORS := daemon failover stack aws net base

CFLAGS   ?= -O2 -g
WARNINGS := -Wall -Wextra -Wshadow -Wpointer-arith -Wcast-qual -Wformat=2 \
            -Wstrict-prototypes -Wmissing-prototypes -Wold-style-definition \
            -Wwrite-strings -Wconversion -Wundef -Wvla -Wswitch-enum \
            -Wno-unused-parameter
ifneq ($(findstring clang,$(CC)),)
WARNINGS += -Wno-string-conversion # assert(!"why")
endif
ifeq ($(DEVELOPER),1)
WARNINGS += -Werror
endif

ifeq ($(SANITIZE),1)
CFLAGS   := -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
            -fno-sanitize-recover=all
else
HARDENED := -U_FORTIFY_SOURCE -D_FORTIFY_SOURCE=2
endif

ALL_CPPFLAGS = -D_GNU_SOURCE $(HARDENED) -DDRD_VERSION='"$(VERSION)"' \
               -DDRD_SYSCONFDIR='"$(SYSCONFDIR)"' \
               -DDRD_DATADIR='"$(DATADIR)"' -Isrc $(CPPFLAGS)
ALL_CFLAGS   = -std=c11 -fstack-protector-strong -fPIE $(WARNINGS) $(CFLAGS)
ALL_LDFLAGS  = -pie -Wl,-z,relro,-z,now -Wl,--as-needed $(LDFLAGS)

# pkg-config is asked when a recipe runs, so that a target which installs
# what is missing can start without it.
PKGS       := libevent_core libevent_extra libcurl openssl jansson expat \
              libconfuse libsystemd
PKG_CFLAGS  = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS    = $(shell pkg-config --libs $(PKGS))

COMPILE = $(CC) $(ALL_CPPFLAGS) $(ALL_CFLAGS) $(PKG_CFLAGS)
LINK    = $(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS)

PROGRAMS := $(BUILD)/drd $(BUILD)/drd-status $(BUILD)/drdctl
MAINS    := src/daemon/main.c src/tools/drd-status.c src/tools/drdctl.c

sources  = $(wildcard src/$(1)/*.c src/$(1)/*/*.c)
objects  = $(patsubst src/%.c,$(BUILD)/obj/%.o, \
             $(filter-out $(MAINS),$(call sources,$(1))))
ARCHIVES := $(FLOORS:%=$(BUILD)/lib%.a)

.PHONY: all
all: $(PROGRAMS) $(BUILD)/handler.zip

# remember,TEXT: the recipe of a file that changes only when TEXT does.  What
# depends on it is made again after a change of flags, or of the set of files.
remember = mkdir -p $(@D) && echo '$(subst ','\'',$(1))' >$@.new && \
           if cmp -s $@.new $@; then rm $@.new; else mv $@.new $@; fi

.PHONY: FORCE
$(BUILD)/flags: FORCE
	$(call remember,$(COMPILE) $(ALL_LDFLAGS))

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags
	@echo '  CC      $<'
	@mkdir -p $(@D)
	$(COMPILE) -MMD -MP -c -o $@ $<

define archive
$(BUILD)/lib$(1).members: FORCE
	$$(call remember,$(sort $(call objects,$(1))))
$(BUILD)/lib$(1).a: $(call objects,$(1)) $(BUILD)/lib$(1).members
	@echo '  AR      $$@'
	@rm -f $$@
	ar rcs $$@ $$(filter %.o,$$^)
endef
$(foreach floor,$(FLOORS) tools,$(eval $(call archive,$(floor))))

$(BUILD)/drd: $(BUILD)/obj/daemon/main.o $(ARCHIVES)
	@echo '  LINK    $@'
	$(LINK) -o $@ $^ $(PKG_LIBS)

$(BUILD)/drd-status $(BUILD)/drdctl: $(BUILD)/%: $(BUILD)/obj/tools/%.o \
    $(BUILD)/libtools.a $(BUILD)/libbase.a
	@echo '  LINK    $@'
	$(LINK) -o $@ $^ $(shell pkg-config --libs jansson)

# The sample function, as Lambda takes it.
$(BUILD)/handler.zip: scripts/pack.py $(wildcard handler/*.mjs)
	@echo '  PACK    $@'
	@mkdir -p $(@D)
	$(PYTHON) $< $@ $(filter-out $<,$^)

-include $(shell find $(BUILD)/obj $(BUILD)/tests -name '*.d' 2>/dev/null)

# A make of its own, started after scripts/deps.sh has put in place what this
# one could not find; as parallel as the machine unless -j says otherwise.
SUBMAKE = $(MAKE) --no-print-directory \
          $(if $(filter -j%,$(MAKEFLAGS)),,-j$(JOBS))

.PHONY: check
check:
	rm -f $(BUILD)/check/summary
	scripts/deps.sh check
	+$(SUBMAKE) BUILD=$(BUILD)/check DEVELOPER=1 all unit
	tests/run.py $(BUILD)/check sim tests/sandbox tests/aws tests/handler \
	    tests/integration

.PHONY: asan
asan:
	scripts/deps.sh asan
	+$(SUBMAKE) BUILD=$(BUILD)/asan SANITIZE=1 all unit
	exec env ASAN_OPTIONS=strict_string_checks=1:detect_stack_use_after_return=1 \
	    UBSAN_OPTIONS=print_stacktrace=1 DRD_SEEDS=$(or $(SEEDS),50) \
	    tests/run.py $(BUILD)/asan sim

# With clang, since check builds with the default compiler.  Tells all there
# is to tell before it fails.
.PHONY: lint
lint:
	scripts/deps.sh lint
	+status=0; \
	scripts/lint.sh || status=1; \
	$(SUBMAKE) -k BUILD=$(BUILD)/lint CC=clang DEVELOPER=1 \
	    all unit tidy || status=1; \
	exit $$status

# Needs the object, so that a change in a header is looked at too.
.PHONY: tidy
tidy: $(patsubst src/%.c,$(BUILD)/tidy/%,$(wildcard src/*/*.c src/*/*/*.c))
$(BUILD)/tidy/%: src/%.c .clang-tidy $(BUILD)/obj/%.o
	@echo '  TIDY    $<'
	@mkdir -p $(@D)
	clang-tidy --quiet $< -- $(wordlist 2,99,$(COMPILE)) >$@ 2>&1 || \
	    { cat $@; false; }

.PHONY: format
format:
	clang-format -i $$(find src tests -name '*.[ch]')

# Without `exec` a shell stands between: told to end, make would end the shell,
# and the demo would run on.
.PHONY: demo
demo:
	scripts/deps.sh check
	+$(SUBMAKE) all
	exec env DRD_BUILD=$(abspath $(BUILD)) .venv/bin/python scripts/demo.py

.PHONY: sandbox
sandbox:
	scripts/deps.sh check
	.venv/bin/python -m sandbox $(SANDBOX)

.PHONY: bench
bench:
	scripts/deps.sh check
	+$(SUBMAKE) all
	exec env DRD_BUILD=$(abspath $(BUILD)) .venv/bin/python \
	    tests/bench/run.py $(BENCH)

# An existing configuration is never touched; this version's lies beside the
# documentation to compare with.  No service is started or reloaded here.
BINDIR      = $(PREFIX)/bin
MANDIR      = $(PREFIX)/share/man
DOCDIR      = $(PREFIX)/share/doc/drd
UNITDIR     = $(PREFIX)/lib/systemd/system
CATALOGDIR  = $(PREFIX)/lib/systemd/catalog
SYSUSERSDIR = $(PREFIX)/lib/sysusers.d
CONFDIR     = $(SYSCONFDIR)/drd

PAGES    = $(wildcard man/*.[1-8])
page_dir = $(MANDIR)/man$(subst .,,$(suffix $(1)))

.PHONY: install
install: all
	install -d $(DESTDIR)$(BINDIR) $(DESTDIR)$(DOCDIR) \
	    $(DESTDIR)$(UNITDIR) $(DESTDIR)$(CATALOGDIR) $(DESTDIR)$(CONFDIR)
	install -m 755 $(PROGRAMS) $(DESTDIR)$(BINDIR)
	install -D -m 644 $(BUILD)/handler.zip $(DESTDIR)$(DATADIR)/handler.zip
	$(foreach page,$(PAGES),install -D -m 644 $(page) \
	    $(DESTDIR)$(call page_dir,$(page))/$(notdir $(page)) &&) :
	sed -e 's|/usr/local/bin/|$(BINDIR)/|' -e 's|/etc/drd/|$(CONFDIR)/|g' \
	    systemd/drd.service \
	    >$(DESTDIR)$(UNITDIR)/drd.service
	chmod 644 $(DESTDIR)$(UNITDIR)/drd.service
	install -m 644 systemd/drd.catalog $(DESTDIR)$(CATALOGDIR)
	install -D -m 644 systemd/drd.sysusers \
	    $(DESTDIR)$(SYSUSERSDIR)/drd.conf
	install -m 644 README.md LICENSE etc/drd.conf $(DESTDIR)$(DOCDIR)
	if [ -e $(DESTDIR)$(CONFDIR)/drd.conf ]; then \
	    echo 'kept $(CONFDIR)/drd.conf; compare $(DOCDIR)/drd.conf'; \
	else \
	    install -m 644 etc/drd.conf $(DESTDIR)$(CONFDIR)/drd.conf; \
	fi

# Directories that a system need not have had before, innermost first.
OUR_DIRS = $(UNITDIR) $(CATALOGDIR) $(dir $(UNITDIR)) $(SYSUSERSDIR) $(DATADIR) \
           $(sort $(foreach page,$(PAGES),$(call page_dir,$(page))))

.PHONY: uninstall
uninstall:
	rm -f $(PROGRAMS:$(BUILD)/%=$(DESTDIR)$(BINDIR)/%) \
	    $(foreach page,$(PAGES),$(DESTDIR)$(call \
	    page_dir,$(page))/$(notdir $(page))) \
	    $(DESTDIR)$(UNITDIR)/drd.service \
	    $(DESTDIR)$(CATALOGDIR)/drd.catalog \
	    $(DESTDIR)$(SYSUSERSDIR)/drd.conf $(DESTDIR)$(DATADIR)/handler.zip
	rm -rf $(DESTDIR)$(DOCDIR)
	for dir in $(OUR_DIRS:%=$(DESTDIR)%); do \
	    [ ! -d $$dir ] || rmdir --ignore-fail-on-non-empty $$dir; \
	done

.PHONY: clean
clean:
	rm -rf $(BUILD)

include tests/tests.mk
