// SPDX-License-Identifier: MIT
//
// The sample function: what answers behind the load balancers until yours
// does.
//
// The health path is answered without touching anything: a check that wrote
// would fail with the table, and take both regions out at once.  Anything
// else is a transaction: one item in the table of this region, from where it
// is replicated to the other.  The reply says where it was written.
//
// The SDK is the one that the runtime brings along; there is nothing to
// install.

import { randomUUID } from "node:crypto";
import { DynamoDBClient, PutItemCommand } from "@aws-sdk/client-dynamodb";

const {
  AWS_REGION: region,
  HEALTH_PATH: healthPath = "/health",
  REGION_ROLE: role,
  STACK: stack,
  TABLE_KEY: key = "id",
  TABLE_NAME: table,
} = process.env;

const BODY_MAX = 4096; // of a request, as text; an item may have 400 KB

// One client for the life of the environment: connections are kept.
const dynamodb = new DynamoDBClient({ maxAttempts: 2 });

// What an application load balancer takes for an answer.
function answer(statusCode, value) {
  return {
    statusCode,
    isBase64Encoded: false,
    headers: {
      "content-type": "application/json",
      "cache-control": "no-store",
    },
    body: JSON.stringify({ ...value, stack, region, role }),
  };
}

function bodyOf(event) {
  const body = event.body ?? "";
  return event.isBase64Encoded
    ? Buffer.from(body, "base64").toString("utf8")
    : body;
}

// An attempt that is repeated writes the same item again.
async function write(event) {
  const body = bodyOf(event);
  if (body.length > BODY_MAX)
    return answer(413, { error: `more than ${BODY_MAX} characters` });
  const id = randomUUID();
  const at = new Date().toISOString();
  await dynamodb.send(
    new PutItemCommand({
      TableName: table,
      Item: {
        [key]: { S: id },
        at: { S: at },
        region: { S: region },
        method: { S: event.httpMethod ?? "" },
        path: { S: event.path ?? "" },
        body: { S: body },
      },
    }),
  );
  return answer(200, { status: "written", id, at });
}

export async function handler(event) {
  if (event.path === healthPath) return answer(200, { status: "ok" });
  try {
    return await write(event);
  } catch (error) {
    // The name of the error is for the caller, the rest for the log.
    console.error(error);
    return answer(503, { error: error.name });
  }
}
