# SPDX-License-Identifier: MIT
"""Which records Route 53 answers with: zones, aliases, failover.

The answering half of DNS without the wire (dns.py has that).  The rules are
those of the Route 53 developer guide, "How Route 53 chooses records when
health checking is configured": a primary that is healthy, else a healthy
secondary, else the primary again, since some answer beats none.
"""

from .loopback import is_loopback

ALIAS_TTL = 60  # what an alias of a load balancer is served with
NS_TTL = 172800  # of the name servers' own addresses
MAX_CHAIN = 8  # aliases and CNAMEs may run in a circle
NOERROR, NXDOMAIN, REFUSED = 0, 3, 5


class Answer:
    def __init__(self, rcode=NOERROR, records=(), authority=()):
        self.rcode = rcode
        self.records = list(records)  # (name, type, ttl, value)
        self.authority = list(authority)


class Zones:
    def __init__(self, world):
        self.world = world

    def address_of(self, name):
        """The first A value of a name, or None."""
        for _, rtype, _, value in self.answer(name + ".", "A").records:
            if rtype == "A" and is_loopback(value):
                return value
        return None

    def answer(self, name, rtype, depth=0):
        """Answer a question authoritatively; names end in a dot."""
        name = name.lower()
        special = self._aws_name(name, rtype)
        if special is not None:
            return special
        zone = self._zone_of(name)
        if zone is None:
            return Answer(REFUSED)
        here = [r for r in list(zone.rrsets) if _same(r.name, name)]
        records = self._records(zone, here, name, rtype, depth)
        if records:
            return Answer(NOERROR, records)
        below = any(r.name.lower().endswith("." + name) for r in zone.rrsets)
        rcode = NOERROR if here or below else NXDOMAIN
        return Answer(rcode, authority=self._soa(zone))

    def _records(self, zone, here, name, rtype, depth):
        cnames = [r for r in here if r.type == "CNAME"]
        if cnames and rtype not in ("CNAME", "ANY"):
            records = self._values(self._choose(cnames), name, "CNAME", depth)
            if records and depth < MAX_CHAIN:
                target = _bare(records[0][3]) + "."
                if self._zone_of(target) is not None:
                    records += self.answer(target, rtype, depth + 1).records
            return records
        records = []
        for one in ({r.type for r in here} if rtype == "ANY" else {rtype}):
            matching = [r for r in here if r.type == one]
            if matching:
                records += self._values(
                    self._choose(matching), name, one, depth
                )
        return records

    def _choose(self, records):
        """The record that Route 53 would use of a name's and type's records."""
        roles = {r.failover: r for r in records if r.failover}
        if not roles:
            usable = [r for r in records if self._usable(r)]
            return (usable or records)[0]
        primary, secondary = roles.get("PRIMARY"), roles.get("SECONDARY")
        if primary is None or secondary is None:
            return primary or secondary
        if not self._usable(primary) and self._usable(secondary):
            return secondary
        return primary

    def _usable(self, record, depth=0):
        if record.health_check_id:
            if self.world.health.is_healthy(record.health_check_id) is False:
                return False
        alias = record.alias_target
        if not alias or not evaluates(alias):
            return True
        balancer = self.world.balancers.named(_bare(alias["DNSName"]))
        if balancer is not None:
            return self.world.balancers.passes(balancer)
        zone = self._zone_of(alias["DNSName"].rstrip(".").lower() + ".")
        if zone is None or depth >= MAX_CHAIN:
            return False
        return any(
            self._usable(r, depth + 1)
            for r in list(zone.rrsets)
            if r is not record
            and r.type == record.type
            and _same(r.name, alias["DNSName"])
        )

    def _values(self, record, name, rtype, depth):
        if record.alias_target:
            target = _bare(record.alias_target["DNSName"])
            balancer = self.world.balancers.named(target)
            if balancer is not None:
                return _address(name, rtype, ALIAS_TTL, balancer.address)
            if depth >= MAX_CHAIN:
                return []
            found = self.answer(target + ".", rtype, depth + 1).records
            return [(name, t, ttl, v) for _, t, ttl, v in found if t == rtype]
        return [
            (name, rtype, int(record.ttl or 0), value)
            for value in _texts(record)
        ]

    def _zone_of(self, name):
        best = None
        for zone in list(self.world.route53.zones.values()):
            apex = zone.name.lower()
            if name == apex or name.endswith("." + apex):
                if best is None or len(apex) > len(best.name):
                    best = zone
        return best

    def _soa(self, zone):
        return [
            (zone.name, "SOA", int(r.ttl or 0), v)
            for r in zone.rrsets
            if r.type == "SOA"
            for v in _texts(r)
        ]

    def _aws_name(self, name, rtype):
        """Names of AWS's own: load balancers, and the zones' name servers."""
        bare = _bare(name)
        if bare.endswith(".elb.amazonaws.com"):
            balancer = self.world.balancers.named(bare)
            if balancer is None:
                return Answer(NXDOMAIN)
            found = _address(name, rtype, ALIAS_TTL, balancer.address)
            return Answer(NOERROR, found)
        if ".awsdns-" in bare:
            return Answer(NOERROR, _address(name, rtype, NS_TTL, "127.0.0.1"))
        return None


def evaluates(alias):
    """EvaluateTargetHealth of an alias, which moto keeps as it was sent."""
    return str(alias.get("EvaluateTargetHealth")).lower() == "true"


def _address(name, rtype, ttl, address):
    return [(name, "A", ttl, address)] if rtype in ("A", "ANY") else []


def _texts(record):
    return [
        r["Value"] if isinstance(r, dict) else r for r in record.records or ()
    ]


def _bare(name):
    return name.rstrip(".").lower()


def _same(one, other):
    return _bare(one) == _bare(other)
