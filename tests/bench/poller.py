# SPDX-License-Identifier: MIT
"""The peer: drd's polls and nothing else, by boto3, as one would write it.

    poller.py ENDPOINT-EAST ENDPOINT-WEST CHECK SECONDS

Each second one GetHealthCheckStatus and one DescribeAlarms a region, three
calls in three threads, as drd has them in flight together.
"""

import concurrent.futures
import sys
import time

import boto3


def main():
    east, west, check, seconds = sys.argv[1:]

    def client(service, region, url):
        session = boto3.session.Session("sandbox", "sandbox-secret")
        return session.client(service, region_name=region, endpoint_url=url)

    route53 = client("route53", "us-east-1", east)
    alarms = [client("cloudwatch", "us-east-1", east),
              client("cloudwatch", "us-west-2", west)]
    polls = [lambda: route53.get_health_check_status(HealthCheckId=check),
             lambda: alarms[0].describe_alarms(AlarmNamePrefix="shop-"),
             lambda: alarms[1].describe_alarms(MaxRecords=1)]
    beat = end = time.monotonic()
    end += float(seconds)
    with concurrent.futures.ThreadPoolExecutor(3) as pool:
        while beat < end:
            for answer in [pool.submit(poll) for poll in polls]:
                answer.result()
            beat += 1
            time.sleep(max(0, beat - time.monotonic()))


main()
